/** Whatever rules say, the verifier of this kernel lets their programs pass, wherever they attach. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { type BpfMap, loadProgram, readVmlinuxBtf } from "../../src/bpf/index.ts";
import { type Attachment, compileRules } from "../../src/compiler/index.ts";
import { specFor } from "../../src/engines/kernel/attach.ts";
import { probeMachine } from "../../src/engines/kernel/index.ts";
import { openCompiledMap } from "../../src/engines/kernel/loading/objects.ts";
import type { Presentation } from "../../src/language/index.ts";
import { vocabulary } from "../../src/linux/index.ts";
import { CALLS, rule, ruleText } from "../differential/generate.ts";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { checked } from "../kernel/watching.ts";
import { needsGuest } from "./guest.ts";

after(assertNoObjects);

const SETS = Number(process.env["SCT_RANDOM_SETS"] ?? 100);
const seed = Number(process.env["SCT_SEED"] ?? Date.now() % 0x7fffffff);

function prototype(call: string): Presentation {
  const first = vocabulary.presentations(call, "variants")?.[0];
  assert.ok(first, call);
  return first;
}

const ACTIONS = [
  "action { type = LOG }",
  "action { type = FAIL error_code = 5 }",
  "action { type = LOG } action { type = FAIL error_code = EACCES }",
  "action { type = KILL }",
  "action { type = LOG } action { type = SUSPEND }",
];

/** Calls whose files the security hooks receive. */
const WITH_FILES: ReadonlySet<string> = new Set([
  "unlink",
  "rename",
  "open",
  "stat",
  "lstat",
  "execve",
  "chown",
]);

/** Names of kernel objects, which programs walk for. */
function objectsOf(call: (typeof CALLS)[number]): readonly string[] {
  if (!WITH_FILES.has(call)) return ["EXE", "CWD"];
  const paths = prototype(call).params.flatMap(({ type }, i) =>
    type.kind === "path" ? [`PATH[${i + 1}]`] : [],
  );
  return ["EXE", "CWD", "PATH", ...paths];
}

const ruleSet = fc.constantFrom(...CALLS).chain((call) =>
  fc
    .array(fc.tuple(rule(prototype, call, objectsOf(call)), fc.constantFrom(...ACTIONS)), {
      minLength: 1,
      maxLength: 3,
    })
    .map((rules) =>
      rules
        .map(([made, actions], i) => {
          const text = ruleText(made, `r${i}`);
          return text.includes("when = after")
            ? text
            : text.replace("action { type = LOG }", actions);
        })
        .join("\n"),
    ),
);

/** Programs of one rule set that differ in kind or in how they get at arguments; the others are alike. */
function shapeOf(attachment: Attachment): string {
  if (attachment.kind === "raw_tracepoint") return attachment.name;
  const abi = attachment.function.startsWith("__ia32_") ? "i386" : "";
  return `${attachment.kind} ${abi}`;
}

test(`${SETS} random rule sets pass the verifier`, (t) => {
  if (!needsGuest(t)) return;
  console.log(`# random rule sets, seed ${seed} (SCT_SEED repeats it)`);
  const machine = probeMachine();
  const btf = readVmlinuxBtf();
  const loaded = new Map<string, number>();
  let walking = 0;
  let refused = 0;
  const property = fc.property(ruleSet, (text) => {
    const rules = checked(text);
    const result = compileRules(rules, { machine, ringBytes: 4096 });
    if (!result.ok) {
      const codes = result.diagnostics.map(({ code }) => code);
      assert.deepEqual([...new Set(codes)], ["cannot_enforce"], text);
      refused++;
      return;
    }
    const maps = new Map<string, BpfMap>();
    const seen = new Set<string>();
    try {
      for (const map of result.compiled.maps) maps.set(map.name, openCompiledMap(map));
      for (const { attachment, code } of result.compiled.programs) {
        const shape = shapeOf(attachment);
        if (seen.has(shape)) continue;
        seen.add(shape);
        loaded.set(shape, (loaded.get(shape) ?? 0) + 1);
        if (/\b(PATH|EXE|CWD)\b/.test(text)) walking++;
        loadProgram(specFor(attachment, code, btf), { maps }).close();
      }
    } finally {
      for (const map of maps.values()) map.close();
    }
  });
  const result = fc.check(property, { seed, numRuns: SETS });
  if (result.failed)
    assert.fail(`seed ${seed}: ${result.errorInstance}\n${result.counterexample?.[0]}`);
  console.log(
    `# loaded ${JSON.stringify(Object.fromEntries(loaded))}, ${walking} look for names of files, ${refused} refused`,
  );
  assert.ok(walking > 0);
  // nearly all must have got to the verifier
  assert.ok(refused < SETS / 3, `${refused} refused`);
});
