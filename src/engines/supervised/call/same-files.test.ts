/**
 * PATH[n] and PARAMS[n] of a `test` block are those of a call that is really made, for each call that takes a file or descriptor,
 * under each name that covers it: what the evaluator of tests takes is compared with what the engine reads of this very process.
 */
import assert from "node:assert/strict";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  evaluateRules,
  fileParameters,
  type ParamType,
  type Presentation,
  parseRules,
  runTests,
} from "../../../language/index.ts";
import { vocabulary } from "../../../linux/index.ts";
import { check, kernel, NR, syscall } from "../../../sys/index.ts";
import { needsOf } from "../needs.ts";
import { CallContext } from "./call-context.ts";
import { TracedCall } from "./traced-call.ts";

const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS_32BIT = 0x62;
const SIZE = 1 << 16;
const PLACE = 4096;

const root = mkdtempSync(join(realpathSync(tmpdir()), "sct-files-"));
const places = [1, 2, 3, 4, 5, 6];
/** For each parameter a directory of its own, and a descriptor of it. */
const directories = places.map((n) => join(root, `d${n}`));
for (const directory of directories) {
  mkdirSync(directory);
  for (const n of places) writeFileSync(join(directory, `name${n}`), "");
}
const descriptors = directories.map((directory) => openSync(directory, "r"));
// calls of both ABIs can point there
const memory = check(
  syscall(NR.mmap, 0, SIZE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_32BIT, -1, 0),
  { call: "mmap" },
);
// of no rules: what literals mean over links does not matter here
const context = new CallContext([], needsOf([], false));
const bytes = new Uint8Array(kernel().view(memory, SIZE));

after(() => {
  context.close();
  for (const fd of descriptors) closeSync(fd);
  check(syscall(NR.munmap, memory, SIZE), { call: "munmap" });
  rmSync(root, { recursive: true });
});

/** The call as a program makes it, and as a test writes it. */
interface Made {
  readonly args: BigUint64Array;
  readonly text: string;
  readonly variables: readonly string[];
  /** What its parameters may be taken for. */
  readonly files: readonly string[];
  readonly numbers: readonly bigint[];
}

/** `isRelative`: names begin at the directory of their descriptor, or at the working directory. */
function make(own: Presentation, guards: Presentation["guards"], isRelative: boolean): Made {
  const args = new BigUint64Array(6);
  const texts: string[] = [];
  const variables = [`CWD = "${process.cwd()}"`];
  const files = [process.cwd()];
  const numbers: bigint[] = [];
  bytes.fill(0);
  for (const [i, { type, source, dirfd }] of own.params.entries()) {
    if (source.kind !== "arg") throw new Error(`${own.call} has parameters in memory`);
    const directory = directories[i] ?? "";
    let value = BigInt(i + 100);
    let written: string | undefined;
    if (type.kind === "path") {
      const name = `name${i + 1}`;
      const text = isRelative ? name : join(directory, name);
      const begin = dirfd === undefined ? process.cwd() : (directories[i - 1] ?? "");
      files.push(isRelative ? join(begin, name) : text);
      value = BigInt(memory + i * PLACE);
      bytes.set(Buffer.from(text), i * PLACE);
      written = `"${text}"`;
    } else if (isDescriptor(type)) {
      value = BigInt(descriptors[i] ?? -1);
      files.push(directory);
      variables.push(`FD[${i + 1}].path = "${directory}"`);
    } else if (type.kind !== "int") {
      // zeros for the engine, NULL in the test
      value = BigInt(memory + i * PLACE);
      written = "0";
    }
    for (const guard of guards)
      if (guard.source.kind === "arg" && guard.source.index === source.index)
        value = (value & ~guard.mask) | guard.value;
    if (type.kind === "int") numbers.push(value);
    args[source.index] = value;
    texts.push(written ?? `${value}`);
  }
  return { args, text: texts.join(", "), variables, files, numbers };
}

function isDescriptor({ semantic }: ParamType): boolean {
  return semantic === "fd" || semantic === "dirfd";
}

function isFile({ type }: Presentation["params"][number]): boolean {
  return type.kind === "path" || isDescriptor(type);
}

/** A rule for all that each parameter may be taken for. */
function rulesFor({ as, params }: Presentation, { files, numbers }: Made): readonly string[] {
  const subjects = params.flatMap((param, i) => (isFile(param) ? [`PATH[${i + 1}]`] : []));
  const counted = params.flatMap(({ type }, i) => (type.kind === "int" ? `PARAMS[${i + 1}]` : []));
  const filters = [
    ...["PATH", ...subjects].flatMap((one) => files.map((file) => `${one} == "${file}"`)),
    ...counted.flatMap((one) => numbers.map((number) => `${one} == ${number}`)),
  ];
  return filters.map(
    (filter) =>
      `rule { rule_name = "${filter.replaceAll('"', "'")}" syscall_name = ${as} ` +
      `filter_expression { ${filter} } on_unreadable = match continue = yes action { type = LOG } }`,
  );
}

/** How many rules act. */
function compare(presentation: Presentation, isRelative: boolean): number {
  const { call, abi } = presentation;
  const own = vocabulary.presentations(call, "exact")?.find((one) => one.abi === abi);
  if (own === undefined) throw new Error(`no ${call} on ${abi}`);
  const made = make(own, presentation.guards, isRelative);
  const as = [`ABI = "${abi}"`, ...made.variables].join(", ");
  const text = `${rulesFor(presentation, made).join("\n")}
    test "t" { call ${call}(${made.text}) as { ${as} } expect nothing }`;
  const { ruleSet, diagnostics } = parseRules([{ name: "t", text }], vocabulary);
  assert.ok(ruleSet, JSON.stringify(diagnostics.filter((d) => d.severity === "error").slice(0, 2)));
  const [result] = runTests(ruleSet, vocabulary, () => "");
  const seen = context.tasks.see(process.pid);
  assert.ok(seen);
  const traced = new TracedCall(call, { nr: own.nr, abi, args: made.args }, seen, context);
  const engine = evaluateRules(ruleSet.rules, traced, vocabulary).map(({ rule }) => rule.name);
  const tested = result?.taken.map(({ rule }) => rule);
  assert.deepEqual(tested, engine, `${call}(${made.text}) as ${presentation.as} on ${abi}`);
  return engine.length;
}

/** Those of which the test evaluator gets what it needs in registers. */
function isInRegisters({ params, guards, call, abi }: Presentation): boolean {
  const own = vocabulary.presentations(call, "exact")?.find((one) => one.abi === abi);
  return (
    own?.params.every(({ source }) => source.kind === "arg") === true &&
    guards.every(({ source }) => source.kind === "arg") &&
    params.every(({ source }) => source.kind !== "memory" && source.kind !== "unknown")
  );
}

for (const isRelative of [false, true])
  test(`PATH[n] and PARAMS[n] of tests are those of calls, with ${isRelative ? "relative" : "absolute"} names`, () => {
    let calls = 0;
    for (const name of vocabulary.callNames)
      for (const presentation of vocabulary.presentations(name, "variants") ?? []) {
        if (fileParameters(presentation).length === 0 || !isInRegisters(presentation)) continue;
        if (presentation.params.some(({ address }) => address !== undefined)) continue;
        calls++;
        const matching = compare(presentation, isRelative);
        // PATH and a number or another PATH: a comparison of nothing proves nothing
        assert.ok(matching >= 2, `${name}: ${presentation.call} on ${presentation.abi}`);
      }
    assert.ok(calls > 400, `${calls} calls`);
  });
