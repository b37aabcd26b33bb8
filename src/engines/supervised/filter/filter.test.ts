/** The filter against the evaluator: it may stop a call needlessly, but never decide it otherwise. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Abi,
  type CallView,
  type CheckedRule,
  evaluateRules,
  parseRules,
  type RealCall,
} from "../../../language/index.ts";
import { vocabulary } from "../../../linux/index.ts";
import { AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, SECCOMP_RET } from "../../../sys/index.ts";
import { RuleIndex } from "../rule-index.ts";
import { assembleFilter, MAX_INSTRUCTIONS } from "./assemble.ts";
import { type FilterDecision, verdict } from "./decision.ts";
import { compileFilter, type FilterOptions } from "./plan.ts";
import { encodeSeccompData, runFilter } from "./testing/interpret.ts";

const NONE = { x86_64: new Set<number>(), i386: new Set<number>() };
const OPTIONS: FilterOptions = {
  trap: SECCOMP_RET.USER_NOTIF,
  watched: NONE,
  injected: NONE,
  reportsAll: false,
  canBeTraced: false,
  asks: false,
};
const ARCH: Readonly<Record<Abi, number>> = { x86_64: AUDIT_ARCH_X86_64, i386: AUDIT_ARCH_I386 };
const EPERM_VERDICT = SECCOMP_RET.ERRNO | 1;

function parse(text: string): readonly CheckedRule[] {
  const { ruleSet, diagnostics } = parseRules([{ name: "t", text }], vocabulary);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  assert.ok(ruleSet, `${text}\n${errors.map(({ message }) => message).join("\n")}`);
  return ruleSet.rules;
}

function compile(rules: readonly CheckedRule[], options = OPTIONS): Uint8Array {
  return compileFilter(new RuleIndex(rules), options);
}

function verdictOf(filter: Uint8Array, abi: Abi, nr: number, args: readonly bigint[] = []): number {
  return runFilter(filter, encodeSeccompData({ nr, arch: ARCH[abi], args }));
}

/** A call with these registers, strings and ids that are what `known` says. */
class FakeCall implements RealCall {
  readonly name: string;
  readonly abi: Abi;
  readonly when = "before";
  readonly #args: readonly bigint[];
  readonly #known: { readonly text: string | undefined; readonly uid: bigint };

  constructor(
    name: string,
    abi: Abi,
    args: readonly bigint[],
    known: { readonly text: string | undefined; readonly uid: bigint },
  ) {
    this.name = name;
    this.abi = abi;
    this.#args = args;
    this.#known = known;
  }

  view(presentation: CallView["presentation"]): CallView {
    const { text, uid } = this.#known;
    const read = text === undefined ? undefined : { bytes: Buffer.from(text), truncated: false };
    return {
      presentation,
      wordSize: vocabulary.wordSize(presentation.abi),
      arg: (index) => this.#args[index] ?? 0n,
      readMemory: () => undefined,
      readString: () => read,
      intVariable: (name) => (name === "UID" ? uid : undefined),
      stringVariable: () => read,
      path: () => read,
      argv: () => read,
      envp: () => read,
      descendsFrom: () => undefined,
    };
  }
}

test("compileFilter() lets unnamed calls run and decides silent FAIL itself", () => {
  const filter = compile(
    parse("rule { syscall_name = unlink action { type = FAIL error_code = EPERM } }"),
  );
  assert.equal(verdictOf(filter, "x86_64", 87), EPERM_VERDICT);
  assert.equal(verdictOf(filter, "x86_64", 263, [0n, 0n, 0n]), EPERM_VERDICT);
  // with AT_REMOVEDIR it is rmdir
  assert.equal(verdictOf(filter, "x86_64", 263, [0n, 0n, 0x200n]), SECCOMP_RET.ALLOW);
  assert.equal(verdictOf(filter, "i386", 10), EPERM_VERDICT);
  assert.equal(verdictOf(filter, "x86_64", 39), SECCOMP_RET.ALLOW);
  assert.equal(verdictOf(filter, "i386", 87), SECCOMP_RET.ALLOW);
});

test("compileFilter() refuses x32 numbers and unknown architectures", () => {
  const filter = compile(parse("rule { syscall_name = unlink action { type = LOG } }"));
  assert.equal(verdictOf(filter, "x86_64", 0x40000000 + 87), SECCOMP_RET.ERRNO | 38);
  assert.equal(verdictOf(filter, "x86_64", -1), SECCOMP_RET.ERRNO | 38);
  const data = encodeSeccompData({ nr: 87, arch: 0xc00000b7, args: [] });
  assert.equal(runFilter(filter, data), SECCOMP_RET.ERRNO | 38);
});

test("compileFilter() stops what is logged, reported, or looked at afterwards", () => {
  const fail =
    "rule { rule_name = f syscall_name = rmdir action { type = FAIL error_code = EPERM }";
  const traps = (text: string, options = OPTIONS): boolean =>
    verdictOf(compile(parse(text), options), "x86_64", 84) === OPTIONS.trap;
  assert.ok(traps(`${fail} action { type = LOG } }`));
  assert.ok(traps(`${fail} }`, { ...OPTIONS, reportsAll: true }));
  assert.ok(traps(`${fail} } rule { syscall_name = rmdir when = after action { type = LOG } }`));
  assert.ok(!traps(`${fail} }`));
});

test("compileFilter() fails nothing by itself that is judged again after a rewrite", () => {
  const rules = parse(`
    rule { syscall_name = mkdir filter_expression { PARAMS[2] == 0700 }
      action { type = REWRITE rewrite { PARAMS[2] = 0755 } } }
    rule { syscall_name = mkdir filter_expression { PARAMS[2] == 0755 } action { type = FAIL error_code = EPERM } }
    rule { syscall_name = rmdir, mmap action { type = FAIL error_code = EPERM } }`);
  const MMAP = 9;
  const options = { ...OPTIONS, trap: SECCOMP_RET.TRACE };
  const injected = { ...NONE, x86_64: new Set([MMAP]) };
  const filter = compile(rules, { ...options, injected });
  for (const mode of [0o700n, 0o755n])
    assert.equal(verdictOf(filter, "x86_64", 83, [0n, mode]), SECCOMP_RET.TRACE);
  assert.equal(verdictOf(filter, "x86_64", MMAP), SECCOMP_RET.TRACE);
  assert.equal(verdictOf(filter, "x86_64", 84), EPERM_VERDICT);
  assert.equal(verdictOf(compile(rules, options), "x86_64", MMAP), EPERM_VERDICT);
});

test("compileFilter() handles rule sets on all calls", () => {
  const text = "rule { syscall_name = @all action { type = LOG } }";
  const filter = compile(parse(text));
  assert.ok(filter.length / 8 <= MAX_INSTRUCTIONS);
  for (const nr of [0, 1, 59, 257, 462])
    assert.equal(verdictOf(filter, "x86_64", nr), OPTIONS.trap, String(nr));
});

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => 7 * i + 100);

/** Filters that take more than the kernel allows: one list, one condition, rule by rule. */
const TOO_LARGE: Readonly<Record<string, string>> = {
  "a list": ruleOn("close", `PARAMS[1] in (${numbers(50_000).join(", ")})`),
  "a condition": ruleOn(
    "close",
    numbers(20_000)
      .map((n) => `PARAMS[1] == ${n}`)
      .join(" || "),
  ),
  "a denial": ruleOn(
    "close",
    numbers(20_000)
      .map((n) => `PARAMS[1] != ${n}`)
      .join(" && "),
  ),
  rules: numbers(5000)
    .map((n) => ruleOn("close", `PARAMS[1] == ${n}`))
    .join("\n"),
};

function ruleOn(call: string, filter: string): string {
  return `rule { syscall_name = ${call} filter_expression { ${filter} } action { type = LOG } }`;
}

for (const [what, text] of Object.entries(TOO_LARGE)) {
  test(`compileFilter() stops a call about which too much is to be decided: ${what}`, () => {
    const filter = compile(parse(`${text}\n${ruleOn("dup", "PARAMS[1] == 5")}`));
    assert.equal(verdictOf(filter, "x86_64", 3, [1n]), OPTIONS.trap);
    // the others are decided as ever
    assert.equal(verdictOf(filter, "x86_64", 32, [5n]), OPTIONS.trap);
    assert.equal(verdictOf(filter, "x86_64", 32, [6n]), SECCOMP_RET.ALLOW);
  });
}

test("compileFilter() decides of several large calls as many as fit", () => {
  const list = (count: number) => `PARAMS[1] in (${numbers(count).join(", ")})`;
  const large = ["close", "dup", "fsync"].map((call) => ruleOn(call, list(1500)));
  const filter = compile(parse([...large, ruleOn("fchdir", list(100))].join("\n")));
  assert.equal(verdictOf(filter, "x86_64", 3, [1n]), OPTIONS.trap);
  assert.equal(verdictOf(filter, "x86_64", 81, [1n]), SECCOMP_RET.ALLOW);
  assert.equal(verdictOf(filter, "x86_64", 81, [100n]), OPTIONS.trap);
});

test("compileFilter() decides a list of 600 numbers itself", () => {
  const filter = compile(parse(ruleOn("close", `PARAMS[1] in (${numbers(600).join(", ")})`)));
  assert.equal(verdictOf(filter, "x86_64", 3, [BigInt(7 * 599 + 100)]), OPTIONS.trap);
  assert.equal(verdictOf(filter, "x86_64", 3, [101n]), SECCOMP_RET.ALLOW);
});

test("assembleFilter() reaches targets further than a conditional jump can", () => {
  let chain: FilterDecision = verdict(7);
  for (let value = 600; value > 0; value--) {
    const ifTrue = verdict(1000 + value);
    chain = { kind: "test", load: 0, op: "eq", value, ifTrue, ifFalse: chain };
  }
  const filter = assembleFilter(chain);
  assert.ok(filter);
  for (const value of [1, 2, 300, 599, 600])
    assert.equal(verdictOf(filter, "x86_64", value), 1000 + value);
  assert.equal(verdictOf(filter, "x86_64", 601), 7);
});

/** Calls with parameters of many widths: name, number on each ABI, numeric parameters. */
const CALLS = [
  { name: "lseek", nr: { x86_64: 8, i386: 19 }, numbers: [1, 2, 3] },
  { name: "openat", nr: { x86_64: 257, i386: 295 }, numbers: [1, 3, 4] },
  { name: "kill", nr: { x86_64: 62, i386: 37 }, numbers: [1, 2] },
  { name: "prctl", nr: { x86_64: 157, i386: 172 }, numbers: [1, 2, 3, 4, 5] },
  { name: "socket", nr: { x86_64: 41, i386: 359 }, numbers: [1, 2, 3] },
] as const;

const interesting = fc.oneof(
  fc.constantFrom(0n, 1n, 2n, 3n, 0x40n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0xffffff9cn),
  fc.constantFrom(0x100000000n, 0x7fffffffffffffffn, 0x8000000000000000n, 0xffffffffffffffffn),
  fc.constantFrom(0xffffffff80000000n, 0xffffffff7fffffffn, 0x1000001ffn, 0xffffn, 0x10000n),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);
const constants = fc
  .oneof(interesting, fc.bigInt({ min: -5n, max: 5n }))
  .map((value) => BigInt.asIntN(64, value))
  .filter((value) => value !== -(1n << 63n))
  .map(String);

function atomOf(numbers: readonly number[]): fc.Arbitrary<string> {
  const param = fc.constantFrom(...numbers).map((index) => `PARAMS[${index}]`);
  const op = fc.constantFrom("==", "!=", "<", "<=", ">", ">=");
  return fc.oneof(
    fc.tuple(param, op, constants).map(([left, o, right]) => `${left} ${o} (${right})`),
    fc.tuple(constants, op, param).map(([left, o, right]) => `(${left}) ${o} ${right}`),
    fc.tuple(param, constants).map(([left, mask]) => `(${left} & (${mask}))`),
    fc
      .tuple(param, fc.nat(0xffffffff), op, constants)
      .map(([left, mask, o, right]) => `(${left} & ${mask}) ${o} (${right})`),
    param,
  );
}

const UNKNOWN = ["UID == 0", 'COMM == "a"', "TID > 5", "PARAMS[1] + 1 == 2"];

function filterOf(numbers: readonly number[], more: readonly string[]): fc.Arbitrary<string> {
  const { tree } = fc.letrec<{ tree: string; leaf: string }>((tie) => ({
    leaf:
      more.length === 0
        ? atomOf(numbers)
        : fc.oneof({ weight: 3, arbitrary: atomOf(numbers) }, fc.constantFrom(...more)),
    tree: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      tie("leaf"),
      fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => `(${a} && ${b})`),
      fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => `(${a} || ${b})`),
      tie("tree").map((a) => `!(${a})`),
    ),
  }));
  return tree;
}

interface Sample {
  readonly call: (typeof CALLS)[number];
  readonly abi: Abi;
  readonly args: readonly bigint[];
  readonly text: string | undefined;
  readonly uid: bigint;
  readonly filters: readonly string[];
}

function sampleOf(more: readonly string[]): fc.Arbitrary<Sample> {
  return fc.constantFrom(...CALLS).chain((call) =>
    fc.record({
      call: fc.constant(call),
      abi: fc.constantFrom<Abi>("x86_64", "i386"),
      args: fc.array(interesting, { minLength: 6, maxLength: 6 }),
      text: fc.constantFrom("a", "b", undefined),
      uid: fc.constantFrom(0n, 1000n),
      filters: fc.array(filterOf(call.numbers, more), { minLength: 1, maxLength: 3 }),
    }),
  );
}

function check({ call, abi, args: wide, text, uid, filters }: Sample, isExact: boolean): void {
  const args = wide.map((arg) => BigInt.asUintN(abi === "i386" ? 32 : 64, arg));
  const rules = parse(
    filters
      .map(
        (filter, i) =>
          `rule { syscall_name = ${call.name} filter_expression { ${filter} } action { type = FAIL error_code = ${i + 1} } }`,
      )
      .join("\n"),
  );
  const real = new FakeCall(call.name, abi, args, { text, uid });
  const [acting] = evaluateRules(rules, real, vocabulary);
  const action = acting?.rule.actions[0];
  const expected = action?.type === "FAIL" ? SECCOMP_RET.ERRNO | action.errno : SECCOMP_RET.ALLOW;
  const decided = verdictOf(compile(rules), abi, call.nr[abi], args);
  if (!isExact && decided === OPTIONS.trap) return;
  assert.equal(decided.toString(16), expected.toString(16));
}

test("compileFilter() decides conditions on registers as the evaluator does", () => {
  fc.assert(
    fc.property(sampleOf([]), (sample) => {
      // a signed 32-bit number that is compared as an unsigned 64-bit one is left to the engine
      check(sample, false);
    }),
    { numRuns: 400 },
  );
});

test("compileFilter() never decides what it cannot know", () => {
  fc.assert(
    fc.property(sampleOf(UNKNOWN), (sample) => check(sample, false)),
    { numRuns: 400 },
  );
});

test("compileFilter() leaves nothing of these to the engine", () => {
  const text = "PARAMS[3] & O_CREAT && PARAMS[1] == AT_FDCWD || PARAMS[4] in (1..7, 0644)";
  fc.assert(
    fc.property(sampleOf([]), (sample) => {
      const call = CALLS[1];
      check({ ...sample, call, filters: [text, "PARAMS[1] < 0", "PARAMS[4] >= 16"] }, true);
    }),
  );
});

test("compileFilter() lets nobody else have the stops that are meant for us", () => {
  const rules = parse("rule { syscall_name = unlink when = after action { type = LOG } }");
  const filter = compile(rules, { ...OPTIONS, trap: SECCOMP_RET.TRACE });
  const [SETOPTIONS, OLDSETOPTIONS, SEIZE, TRACESECCOMP] = [0x4200n, 21n, 0x4206n, 0x80n];
  for (const [abi, ptrace, clone] of [
    ["x86_64", 101, 56],
    ["i386", 26, 120],
  ] as const) {
    for (const request of [SETOPTIONS, OLDSETOPTIONS, SEIZE]) {
      assert.equal(verdictOf(filter, abi, ptrace, [request, 1n, 0n, TRACESECCOMP]), EPERM_VERDICT);
      assert.equal(
        verdictOf(filter, abi, ptrace, [request, 1n, TRACESECCOMP, 1n]),
        SECCOMP_RET.ALLOW,
      );
    }
    assert.equal(verdictOf(filter, abi, ptrace, [7n, 1n, 0n, TRACESECCOMP]), SECCOMP_RET.ALLOW);
    assert.equal(verdictOf(filter, abi, clone, [0x800011n]), EPERM_VERDICT);
    assert.equal(verdictOf(filter, abi, clone, [17n]), SECCOMP_RET.ALLOW);
  }
});

test("compileFilter() brings who would trace to us, where that could be us", () => {
  const rules = parse("rule { syscall_name = rmdir action { type = LOG } }");
  const ATTACH = 16n;
  const SEIZE = 0x4206n;
  const PTRACE = { x86_64: 101, i386: 26 } as const;
  for (const trap of [SECCOMP_RET.USER_NOTIF, SECCOMP_RET.TRACE])
    for (const abi of ["x86_64", "i386"] as const) {
      const verdicts = (canBeTraced: boolean) => {
        const filter = compile(rules, { ...OPTIONS, trap, canBeTraced });
        return [0n, ATTACH, SEIZE].map((request) =>
          verdictOf(filter, abi, PTRACE[abi], [request, 4242n]),
        );
      };
      assert.deepEqual(verdicts(true), [SECCOMP_RET.ALLOW, trap, trap]);
      assert.deepEqual(verdicts(false), Array(3).fill(SECCOMP_RET.ALLOW));
    }
});

test("compileFilter() lets no program type answers for the user", () => {
  const rules = parse(
    "rule { syscall_name = ioctl filter_expression { PARAMS[2] == 1 } action { type = LOG } }",
  );
  const [TIOCSTI, TIOCLINUX, TCGETS] = [0x5412n, 0x541cn, 0x5401n];
  for (const [abi, ioctl] of [
    ["x86_64", 16],
    ["i386", 54],
  ] as const) {
    const when = (asks: boolean, request: bigint): number =>
      verdictOf(compile(rules, { ...OPTIONS, asks }), abi, ioctl, [0n, request]);
    for (const request of [TIOCSTI, TIOCLINUX, TIOCSTI | (1n << 32n)]) {
      assert.equal(when(true, request), EPERM_VERDICT);
      assert.equal(when(false, request), SECCOMP_RET.ALLOW);
    }
    assert.equal(when(true, TCGETS), SECCOMP_RET.ALLOW);
    assert.equal(when(true, 1n), OPTIONS.trap);
  }
});
