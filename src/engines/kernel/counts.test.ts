import assert from "node:assert/strict";
import { test } from "node:test";
import { MACHINES } from "../../compiler/testing/machines.ts";
import { checked } from "../../compiler/testing/rules.ts";
import {
  type Argument,
  type SimulatedCall,
  Simulation,
} from "../../compiler/testing/simulation.ts";
import { inet6Address, inetAddress, unixAddress } from "../../compiler/testing/structs.ts";
import { formatCounts } from "../../events/index.ts";
import {
  CallCounter,
  type CountTable,
  countOf,
  evaluateRules,
  parseRules,
  SyntheticCall,
} from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { readSimulated } from "./testing/simulated-counts.ts";

const openat = { name: "openat", nr: 257 };
const read = { name: "read", nr: 0 };
const write = { name: "write", nr: 1 };
const connect = { name: "connect", nr: 42 };
const mkdir = { name: "mkdir", nr: 83 };

/** Text of what the rule has counted. */
const countsOf = (simulation: Simulation): string[] =>
  readSimulated(simulation).flatMap((table) => formatCounts(table));

/** Without the padding between columns. */
const shortened = (line: string): string => line.trim().replace(/ +/g, " ");

/** What the evaluator counts of a write() whose buffer ends, after 16 bytes, where nothing is mapped. */
function evaluatedAtPageEnd(): CountTable {
  const text = `rule { syscall_name = write action { type = COUNT by PARAMS[2] } }
    test "t" { call write(1, "x", 4096) expect nothing }`;
  const { ruleSet } = parseRules([{ name: "t", text }], vocabulary);
  const [rule] = ruleSet?.rules ?? [];
  const [made] = ruleSet?.tests ?? [];
  const action = rule && countOf(rule);
  if (rule === undefined || action === undefined || made === undefined) throw new Error(text);
  const counter = new CallCounter(rule.name, action, vocabulary);
  const end = 0x5000n;
  for (const { target, call } of evaluateRules(
    [rule],
    new SyntheticCall(made.call, vocabulary),
    vocabulary,
  ))
    if (target.counted !== undefined)
      counter.add(target.counted, {
        ...call,
        arg: (index) => (index === 1 ? end - 16n : call.arg(index)),
        readMemory: (address, size) =>
          address + BigInt(size) > end ? undefined : new Uint8Array(size).fill(0x61),
      });
  return counter.table();
}

interface Given {
  readonly action: string;
  readonly calls: readonly (SimulatedCall & { readonly by?: Parameters<Simulation["enter"]>[0] })[];
  readonly more?: string;
  readonly machine?: keyof typeof MACHINES;
}

function counted({ action, calls, more = "", machine = "tracepoints" }: Given): string[] {
  const names = [...new Set(calls.map(({ name }) => name))].join(", ");
  const text = `rule {
    rule_name = r syscall_name = ${names} syscall_match = exact ${more}
    action { type = COUNT ${action} }
  }`;
  const simulation = new Simulation(checked(text), MACHINES[machine]);
  for (const call of calls) {
    simulation.enter(call.by ?? {});
    const { records, retval } = simulation.call(call);
    assert.deepEqual(records, []);
    assert.equal(retval, call.retval ?? 0n);
  }
  assert.equal(simulation.count(0, "counted"), BigInt(calls.length));
  return countsOf(simulation);
}

for (const machine of ["tracepoints", "hooks"] as const) {
  test(`readCounts() on ${machine}`, () => {
    assert.deepEqual(counted({ machine, action: "", calls: [mkdir, mkdir] }), [
      "r: 2 calls counted",
    ]);
    const root = { comm: "rm", ids: { uid: 0 } };
    const user = { comm: "a\nb", ids: { uid: 0xffff_fffe } };
    assert.deepEqual(
      counted({
        machine,
        action: "by COMM, UID sum RETVAL, PARAMS[3]",
        more: "when = after",
        calls: [
          { ...read, args: [3, 0, 5], retval: 4n, by: root },
          { ...read, args: [3, 0, 6], retval: -11n, by: root },
          { ...read, args: [3, 0, 7], retval: 7n, by: user },
        ],
      }),
      [
        "r: 3 calls counted",
        "  COMM    UID         calls  sum RETVAL  sum PARAMS[3]",
        '  "rm"    0               2          -7             11',
        String.raw`  "a\nb"  4294967294      1           7              7`,
      ],
    );
  });

  test(`readCounts() of texts on ${machine}`, () => {
    const long = "x".repeat(300);
    assert.deepEqual(
      counted({
        machine,
        action: "by PARAMS[2]",
        calls: [
          { ...openat, args: [3, "/a"] },
          { ...openat, args: [3, { untouched: "/a" }] },
          { ...openat, args: [3, 0], retval: -14n },
          { ...openat, args: [3, 8], retval: -14n },
          { ...openat, args: [3, long] },
          { ...openat, args: [3, `${long}y`] },
          { ...openat, args: [3, "x".repeat(4200)], retval: -36n },
          { ...openat, args: [3, ""] },
          { ...openat, args: [3, { untouched: "/a" }] },
        ],
      }),
      [
        "r: 9 calls counted",
        `  ${"PARAMS[2]".padEnd(60)}  calls`,
        `  "${"x".repeat(248)}"...      3`,
        `  ${'"/a"'.padEnd(60)}      3`,
        `  ${"(none)".padEnd(60)}      1`,
        `  ${'""'.padEnd(60)}      1`,
        `  ${"(unreadable)".padEnd(60)}      1`,
      ],
    );
  });

  test(`readCounts() of a buffer that ends with its page on ${machine}`, () => {
    const across = { across: "a".repeat(16), inFirstPage: 16, rest: "unmapped" } as const;
    const lines = counted({
      machine,
      action: "by PARAMS[2]",
      calls: [
        { ...write, args: [1, "b".repeat(300), 300] },
        { ...write, args: [1, across, 4096], retval: 16n },
      ],
    });
    assert.deepEqual(lines.slice(2).map(shortened), [
      `"${"a".repeat(16)}"... 1`,
      `"${"b".repeat(248)}"... 1`,
    ]);
    assert.deepEqual(formatCounts(evaluatedAtPageEnd()).slice(2).map(shortened), [
      `"${"a".repeat(16)}"... 1`,
    ]);
  });

  test(`readCounts() of addresses on ${machine}`, () => {
    const to = (address: Argument) => ({ ...connect, args: [3, address, 28] });
    const lines = counted({
      machine,
      action: "by PARAMS[2].addr, PARAMS[2].sin6_addr, PARAMS[2].sin_port",
      calls: [
        to(inetAddress("7f000001", 80)),
        to({ untouched: inetAddress("7f000001", 80) }),
        to(inetAddress("7f000001", 81)),
        to(inet6Address(`${"0".repeat(31)}1`, 80)),
        to(inet6Address(`${"0".repeat(20)}ffff0a000001`, 80)),
        to(unixAddress("/x")),
        { ...to(8), retval: -14n },
      ],
    });
    assert.deepEqual(lines.slice(2).map(shortened), [
      "127.0.0.1 (none) 80 2",
      "::1 ::1 80 1",
      "10.0.0.1 ::ffff:a00:1 80 1",
      "127.0.0.1 (none) 81 1",
      "(none) (none) 12152 1",
      "(unreadable) (unreadable) (unreadable) 1",
    ]);
  });

  test(`readCounts() of calls by their names on ${machine}`, () => {
    assert.deepEqual(
      counted({ machine, action: "by SNAME, SYSCALL, ABI", calls: [read, mkdir, mkdir] }),
      [
        "r: 3 calls counted",
        "  SNAME    SYSCALL  ABI       calls",
        '  "mkdir"  83       "x86_64"      2',
        '  "read"   0        "x86_64"      1',
      ],
    );
  });

  test(`readCounts() of histograms on ${machine}`, () => {
    const after = "when = after";
    const calls = [0n, 1n, 2n, 3n, 4n, 1023n, 1024n, -5n].map((retval) => ({
      ...{ ...read, retval },
      takesNs: 100n,
    }));
    assert.deepEqual(counted({ machine, action: "hist RETVAL, DURATION", more: after, calls }), [
      "r: 8 calls counted",
      "  RETVAL",
      "    below 0     1  |@@@@@@@@@@@@@@@@@@@@                    |",
      "    0           1  |@@@@@@@@@@@@@@@@@@@@                    |",
      "    1           1  |@@@@@@@@@@@@@@@@@@@@                    |",
      "    2 to 4      2  |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|",
      "    4 to 8      1  |@@@@@@@@@@@@@@@@@@@@                    |",
      ...["8 to 16", "16 to 32", "32 to 64", "64 to 128", "128 to 256", "256 to 512"].map(
        (range) => `    ${range.padEnd(10)}  0  |${" ".repeat(40)}|`,
      ),
      "    512 to 1K   1  |@@@@@@@@@@@@@@@@@@@@                    |",
      "    1K to 2K    1  |@@@@@@@@@@@@@@@@@@@@                    |",
      "  DURATION",
      `    64 to 128  8  |${"@".repeat(40)}|`,
    ]);
  });
}

test("readCounts() counts what has no room together", () => {
  const calls = Array.from({ length: 1030 }, (_, i) => ({ ...mkdir, args: [0, i % 1027] }));
  const lines = counted({ action: "by PARAMS[2] hist PARAMS[2]", calls });
  assert.equal(lines[0], "r: 1030 calls counted");
  assert.match(lines.join("\n"), /\(no room for more keys\) +3\n/);
  assert.match(lines.join("\n"), /and 924 more keys with 924 calls/);
});
