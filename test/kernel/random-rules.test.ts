/** Whatever rules say, the verifier of this kernel lets their programs pass, wherever they attach. Nothing is attached. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { type BpfMap, type Btf, loadProgram, readVmlinuxBtf } from "../../src/bpf/index.ts";
import { type Attachment, compileRules, type Machine } from "../../src/compiler/index.ts";
import { specFor } from "../../src/engines/kernel/attach.ts";
import { probeMachine } from "../../src/engines/kernel/index.ts";
import { openCompiledMap } from "../../src/engines/kernel/loading/objects.ts";
import { broadRule, CALLS, OBJECTS, rule, ruleText } from "../differential/generate.ts";
import { prototype } from "../differential/property.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { checked } from "./watching.ts";

after(assertNoObjects);

const SETS = Number(process.env["SCT_RANDOM_SETS"] ?? 100);
const seed = Number(process.env["SCT_SEED"] ?? Date.now() % 0x7fffffff);

const ACTIONS = [
  "action { type = LOG }",
  "action { type = KILL }",
  "action { type = LOG } action { type = SUSPEND }",
  "limit = 3/10s per comm action { type = LOG log_format {%comm %params %exe %cwd} }",
  "limit = 1/s action { type = LOG log_format {%container %cgroup %caps %nspid %cmdline} }",
];
const FAILS = [
  "action { type = FAIL error_code = 5 }",
  "action { type = LOG } action { type = FAIL error_code = EACCES }",
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
  if (!WITH_FILES.has(call)) return OBJECTS;
  const paths = prototype(call).params.flatMap(({ type }, i) =>
    type.kind === "path" ? [`PATH[${i + 1}]`] : [],
  );
  return [...OBJECTS, "PATH", ...paths];
}

/** What a machine without hooks refuses is left out there. */
function ruleSets(hasHooks: boolean): fc.Arbitrary<string> {
  const onCall = fc
    .constantFrom(...CALLS)
    .chain((call) => rule(prototype, call, hasHooks ? objectsOf(call) : OBJECTS));
  const made = fc.oneof({ weight: 6, arbitrary: onCall }, { weight: 1, arbitrary: broadRule });
  const actions = fc.constantFrom(...ACTIONS, ...(hasHooks ? FAILS : []));
  return fc.array(fc.tuple(made, actions), { minLength: 1, maxLength: 4 }).map((rules) =>
    rules
      .map(([one, acting], i) => {
        const text = ruleText(one, `r${i}`);
        return one.after && !acting.startsWith("limit")
          ? text
          : text.replace("action { type = LOG }", acting);
      })
      .join("\n"),
  );
}

/** Programs of one rule set that differ in kind or in how they get at arguments; the others are alike. */
function shapeOf(attachment: Attachment): string {
  if (attachment.kind === "raw_tracepoint") return attachment.name;
  const abi = attachment.function.startsWith("__ia32_") ? "i386" : "";
  return `${attachment.kind} ${abi}`;
}

/** What became of a rule set: refused by the compiler, or the programs that were loaded. */
type Outcome = readonly string[] | "refused";

function load(text: string, machine: Machine, btf: Btf): Outcome {
  const result = compileRules(checked(text), { machine, ringBytes: 4096 });
  if (!result.ok) {
    const codes = result.diagnostics.map(({ code }) => code);
    assert.deepEqual([...new Set(codes)], ["cannot_enforce"], text);
    return "refused";
  }
  const maps = new Map<string, BpfMap>();
  const seen = new Set<string>();
  try {
    for (const map of result.compiled.maps) maps.set(map.name, openCompiledMap(map));
    for (const { attachment, code } of result.compiled.programs) {
      const shape = shapeOf(attachment);
      if (seen.has(shape)) continue;
      seen.add(shape);
      loadProgram(specFor(attachment, code, btf), { maps }).close();
    }
  } finally {
    for (const map of maps.values()) map.close();
  }
  return [...seen];
}

test(`${SETS} random rule sets pass the verifier`, (t) => {
  if (!needsKernel(t)) return;
  console.log(`# random rule sets, seed ${seed} (SCT_SEED repeats it)`);
  const machine = probeMachine();
  const btf = readVmlinuxBtf();
  const loaded = new Map<string, number>();
  const rejected: string[] = [];
  let walking = 0;
  let refused = 0;
  const sets = fc.sample(ruleSets(machine.hookKind !== undefined), { seed, numRuns: SETS });
  for (const text of sets) {
    try {
      const outcome = load(text, machine, btf);
      if (outcome === "refused") refused++;
      else for (const shape of outcome) loaded.set(shape, (loaded.get(shape) ?? 0) + 1);
      if (outcome !== "refused" && /\b(PATH|EXE|CWD)\b/.test(text)) walking++;
    } catch (error) {
      rejected.push(`${text}\n${error}`);
    }
  }
  console.log(
    `# loaded ${JSON.stringify(Object.fromEntries(loaded))}, ${walking} look for names of files, ${refused} refused`,
  );
  if (rejected.length > 0)
    assert.fail(`seed ${seed}: ${rejected.length} of ${SETS} rejected\n\n${rejected.join("\n\n")}`);
  assert.ok(walking > 0);
  // nearly all must have got to the verifier
  assert.ok(refused < SETS / 3, `${refused} refused`);
});
