/** Two texts that are both read when a call is made, on each kind of machine, in the interpreter. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MACHINES } from "./testing/machines.ts";
import { UNMAPPED } from "./testing/process-memory.ts";
import { checked } from "./testing/rules.ts";
import { type SimulatedCall, Simulation } from "./testing/simulation.ts";

const OPERATORS = {
  "==": (order: number) => order === 0,
  "!=": (order: number) => order !== 0,
  "<": (order: number) => order < 0,
  "<=": (order: number) => order <= 0,
  ">": (order: number) => order > 0,
  ">=": (order: number) => order >= 0,
} as const;

const PAIRS: readonly (readonly [string, string])[] = [
  ["", ""],
  ["a", ""],
  ["a", "a"],
  ["a", "ab"],
  ["ab", "b"],
  ["/etc/passwd", "/etc/passwd-"],
  ["a\xff", "a\x01"],
  ["x".repeat(15), "x".repeat(15)],
];

const rule = (call: string, filter: string, more = ""): string =>
  `rule { syscall_name = ${call} syscall_match = exact ${more} filter_expression { ${filter} } action { type = LOG } }`;

const rename = (from: SimulatedArgument, to: SimulatedArgument): SimulatedCall => ({
  name: "rename",
  nr: 82,
  args: [from, to],
});
type SimulatedArgument = NonNullable<SimulatedCall["args"]>[number];

for (const machine of Object.keys(MACHINES) as (keyof typeof MACHINES)[]) {
  const isFound = (filter: string, call: SimulatedCall, caller = {}, more = ""): boolean =>
    new Simulation(checked(rule(call.name, filter, more)), MACHINES[machine], {}, caller).call(call)
      .records.length === 1;

  for (const [op, holds] of Object.entries(OPERATORS))
    test(`${machine}: ${op} of texts orders them bytewise, the shorter one first`, () => {
      const filters = [
        ["PARAMS[1]", "PARAMS[2]"],
        ["COMM", "PCOMM"],
        ["PARAMS[1]", "PCOMM"],
        ["COMM", "PARAMS[2]"],
      ].map((sides) => sides.join(` ${op} `));
      for (const filter of filters) {
        const simulation = new Simulation(checked(rule("rename", filter)), MACHINES[machine], {});
        for (const pair of PAIRS)
          for (const [left, right] of [pair, pair.toReversed() as [string, string]]) {
            simulation.enter({ comm: left, pcomm: right });
            const { records } = simulation.call(rename(left, right));
            const expected = holds(Buffer.compare(latin1(left), latin1(right)));
            assert.equal(records.length === 1, expected, JSON.stringify([filter, left, right]));
          }
      }
      // of the call itself
      assert.equal(isFound(`SNAME ${op} PARAMS[1]`, rename("s", "")), holds(-1));
      assert.equal(isFound(`SNAME ${op} ABI`, rename("", "")), holds(-1));
    });

  test(`${machine}: the longest texts are compared to their end`, () => {
    const long = "l".repeat(4095);
    assert.ok(isFound("PARAMS[1] == PARAMS[2]", rename(`${long}l`, `${long}l`)));
    assert.ok(isFound("PARAMS[1] < PARAMS[2]", rename(`${long}a`, `${long}b`)));
    assert.ok(isFound("PARAMS[1] > PARAMS[2]", rename(`${long}a`, long)));
  });

  test(`${machine}: the first text that is missing decides`, () => {
    for (const [from, to, isOpen] of [
      [UNMAPPED, "a", true],
      ["a", UNMAPPED, true],
      ["a", "l".repeat(4097), true],
      [UNMAPPED, 0, true],
      [0, UNMAPPED, false],
      [0, 0, false],
      ["a", 0, false],
    ] as const)
      for (const choice of ["match", "skip"]) {
        const found = isFound(
          "PARAMS[1] == PARAMS[2]",
          rename(from, to),
          {},
          `on_unreadable = ${choice}`,
        );
        assert.equal(found, isOpen && choice === "match", `${from} ${to} ${choice}`);
      }
  });
}

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
