/** What is allowed for ever: which file of the user it goes into, and the line there. */
import { existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { SourceFile, Span } from "../../base/span.ts";
import { reasonOf } from "../../files/index.ts";
import { type Item, type PolicyPart, type PolicyRight, parseRules } from "../../language/index.ts";
import { withLines } from "../../learning/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { InputError } from "../errors.ts";
import { ownPathOver, packPath } from "../packs/find.ts";
import { writeWhole } from "../write-whole.ts";

/** Where an entry for a list of a policy goes. */
export type KeptIn =
  | { readonly kind: "policy"; readonly path: string }
  /** A list that a file of the user's own lays over a pack; `rights`: what it allows. */
  | {
      readonly kind: "pack";
      readonly path: string;
      readonly list: string;
      readonly rights: readonly PolicyRight[];
    }
  | { readonly kind: "nowhere"; readonly why: string };

/** The list of a pack that becomes the folder of the run. */
const WORK = "WORK";

/** `packs`: as --pack names them. */
export function keptIn({ list, policy, right }: PolicyPart, packs: readonly string[]): KeptIn {
  const { file } = list;
  if (file.isArgument === true || file.name === "-")
    return { kind: "nowhere", why: "the policy is in no file" };
  const pack = packs.find((given) => packPath(given) === file.name);
  if (pack === undefined) return { kind: "policy", path: real(resolve(file.name)) };
  const [name, rights] = listFor(itemsOf(file), policy, right);
  return name === undefined
    ? { kind: "nowhere", why: `${right} of the pack has no list that other files extend` }
    : { kind: "pack", path: ownPathOver(pack), list: name, rights };
}

/** The first list that the right allows, and all that it allows. */
function listFor(
  items: readonly Item[],
  policy: string,
  wanted: PolicyRight,
): readonly [string | undefined, readonly PolicyRight[]] {
  const uses = items.flatMap((item) =>
    item.kind === "policy" && item.name.text === policy
      ? item.entries.flatMap((entry) =>
          "items" in entry
            ? entry.items.flatMap(({ value, negated }) =>
                value.kind === "name" ? [{ right: entry.kind, list: value.name, negated }] : [],
              )
            : [],
        )
      : [],
  );
  const taking = new Set(uses.flatMap(({ list, negated }) => (negated ? [list] : [])));
  const found = uses.find(
    ({ right, list }) => right === wanted && list !== WORK && !taking.has(list),
  );
  const rights = uses.flatMap(({ list, right }) => (list === found?.list ? [right] : []));
  return [found?.list, rights];
}

/** Whether the file is where the command works: somebody else may have brought it. */
export function isInProject(path: string, work: string): boolean {
  const project = projectOf(work, work);
  return project !== "/" && path.startsWith(`${project}/`);
}

/** The folder of the repository that the command works in, or the folder itself. */
function projectOf(folder: string, start: string): string {
  if (existsSync(join(folder, ".git"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? start : projectOf(parent, start);
}

/** Writes the line at the place. Throws InputError, with the file as it was. */
export function keep(
  where: Exclude<KeptIn, { kind: "nowhere" }>,
  { policy, right }: Pick<PolicyPart, "policy" | "right">,
  line: string,
): void {
  const text = textOf(where.path);
  const file = { name: where.path, text };
  if (where.kind === "policy") {
    const place = placeIn(itemsOf(file), policy, right);
    if (place === undefined)
      throw new InputError(`'${where.path}' has no list ${right} of policy ${policy} any more`);
    writeWhole(where.path, withEntryAt(text, place, line));
    return;
  }
  const list = itemsOf(file).find((item) => item.kind === "list" && item.name.text === where.list);
  const added =
    list === undefined
      ? `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}list ${where.list} {\n    ${line}\n}\n`
      : withLines(text, list.span, [line]);
  mkdirSync(dirname(where.path), { recursive: true, mode: 0o700 });
  writeWhole(where.path, added);
}

interface ListPlace {
  readonly list: Span;
  /** The first entry that takes something away: what comes before it stays taken away. */
  readonly not: Span | undefined;
}

function placeIn(
  items: readonly Item[],
  policy: string,
  right: PolicyRight,
): ListPlace | undefined {
  for (const item of items) {
    if (item.kind !== "policy" || item.name.text !== policy) continue;
    for (const entry of item.entries)
      if (entry.kind === right)
        return { list: entry.span, not: entry.items.find(({ negated }) => negated)?.span };
  }
  return undefined;
}

function withEntryAt(text: string, { list, not }: ListPlace, line: string): string {
  if (not === undefined) return withLines(text, list, [line]);
  return `${text.slice(0, not.start).trimEnd()}\n    ${line}\n    ${text.slice(not.start)}`;
}

const itemsOf = (file: SourceFile): readonly Item[] =>
  parseRules([file], vocabulary).ast[0]?.items ?? [];

function textOf(path: string): string {
  try {
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  } catch (error) {
    throw new InputError(`cannot read '${path}': ${reasonOf(error)}`);
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
