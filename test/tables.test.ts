/**
 * Names of rules, files and variables belong to strangers, and `constructor` is one: an object that is looked into by a name
 * of any text has to be a Table (src/base/table.ts), which has no entries but its own, or a Map. The compiler's types say
 * which look-ups those are.
 */
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Expression, Node, SourceFile } from "typescript/unstable/ast";
import {
  isAsExpression,
  isBinaryExpression,
  isElementAccessExpression,
} from "typescript/unstable/ast/is";
import { API, type Checker, type Type, TypeFlags } from "typescript/unstable/sync";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Objects that may be looked into all the same, by type, with a reason. */
const OTHERS: readonly RegExp[] = [
  // Node looks into the environment itself; what it inherits are functions, which no text is compared with
  /^ProcessEnv$/,
  // a copy of it
  /^\{ \[key: string\]: string \| undefined; \}$/,
];
/** Names that are cast to a known one, and are one. */
const CASTS: ReadonlySet<string> = new Set([
  // keys of tables of our own
  "src/bpf/asm/layout.ts: JumpCode[from as JumpCondition]",
  "src/bpf/asm/tidy.ts: JumpCode[from as JumpCondition]",
  "src/bpf/vm/kernel.ts: HELPER_IDS[name as HelperName]",
  "src/events/encode-record.ts: RecordOffset[name as NumberField]",
  // numbers
  "src/compiler/dfa/dfa.ts: sample[classOf[byte] as number]",
  "src/compiler/dfa/sparse.ts: lists[list[state] as number]",
  "src/compiler/layout/groups.ts: listPlaces[list[state] as number]",
  "src/compiler/layout/groups.ts: moves[firstMove[state] as number]",
]);

interface LookUp {
  readonly node: Node;
  readonly object: Expression;
  readonly key: Expression;
}

/** `object[key]` and `key in object`. */
function lookUpsOf(file: SourceFile): readonly LookUp[] {
  const found: LookUp[] = [];
  const visit = (node: Node): void => {
    if (isElementAccessExpression(node))
      found.push({ node, object: node.expression, key: node.argumentExpression });
    else if (isBinaryExpression(node) && textOf(file, node.operatorToken) === "in")
      found.push({ node, object: node.right, key: node.left });
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}

const textOf = (file: SourceFile, { pos, end }: Node): string => file.text.slice(pos, end).trim();

/** Whether values of the type may be any text. */
function isAnyText(type: Type | undefined): boolean {
  const parts = type?.isUnionType() ? (type.getTypes() ?? []) : [type];
  return parts.some((part) => ((part?.flags ?? 0) & (TypeFlags.String | TypeFlags.Any)) !== 0);
}

function isAllowed(checker: Checker, object: Type | undefined): boolean {
  if (object === undefined) return false;
  const name = checker.typeToString(checker.getNonNullableType(object) ?? object);
  return /^Table</.test(name) || OTHERS.some((other) => other.test(name));
}

test("what is looked up by any name is a Table or a Map", () => {
  const api = new API({ cwd: root });
  try {
    const snapshot = api.updateSnapshot({ openProject: join(root, "tsconfig.json") });
    const [project] = snapshot.getProjects();
    assert.ok(project !== undefined);
    const { program, checker } = project;
    let seen = 0;
    const wrong: string[] = [];
    for (const path of program.getSourceFileNames()) {
      const name = relative(root, path);
      if (!name.startsWith("src/") || /\.test\.ts$|\/testing\//.test(name)) continue;
      const file = program.getSourceFile(path);
      const lookUps = file === undefined ? [] : lookUpsOf(file);
      if (file === undefined || lookUps.length === 0) continue;
      const keys = checker.getTypeAtLocation(lookUps.map(({ key }) => key));
      const objects = checker.getTypeAtLocation(lookUps.map(({ object }) => object));
      for (const [i, lookUp] of lookUps.entries()) {
        if (!isAnyText(keys[i]) && !isAsExpression(lookUp.key)) continue;
        seen++;
        const place = `${name}: ${textOf(file, lookUp.node)}`;
        if (!isAllowed(checker, objects[i]) && !CASTS.has(place)) wrong.push(place);
      }
    }
    assert.ok(seen > 30, `${seen} look-ups: the compiler's interface has changed`);
    assert.deepEqual(wrong, []);
  } finally {
    api.close();
  }
});
