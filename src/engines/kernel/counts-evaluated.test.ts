/** Programs count what the evaluator counts, on generated counts and calls. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MACHINES } from "../../compiler/testing/machines.ts";
import { checked } from "../../compiler/testing/rules.ts";
import { Simulation } from "../../compiler/testing/simulation.ts";
import { formatCountsJson } from "../../events/index.ts";
import { CallCounter, countOf, evaluateRules, SyntheticCall } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { readSimulated } from "./testing/simulated-counts.ts";

/** A descriptor, text, flags: operands of either sign and width. */
const CALL = { name: "openat", nr: 257 };
const NUMBERS = [
  "PARAMS[1]",
  "PARAMS[3]",
  "PARAMS[4]",
  "RETVAL",
  "-PARAMS[1]",
  "~PARAMS[4]",
  "RETVAL < 0",
  "PARAMS[1] / PARAMS[4]",
  "PARAMS[3] % 7",
  "PARAMS[1] * RETVAL",
  "PARAMS[3] << PARAMS[4]",
  "RETVAL & 0xff",
];
const KEYS = [...NUMBERS, "PARAMS[2]", "SNAME", "SYSCALL"];

const some = (from: readonly string[]) => fc.subarray([...from], { maxLength: 3 });
const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map(BigInt),
  fc.bigInt({ min: -(1n << 31n), max: (1n << 31n) - 1n }),
);
const name = fc.oneof(
  fc.constantFrom("", "a", "/b"),
  fc.constantFrom("c", "d").map((c) => c.repeat(300)),
);

test("programs count as the evaluator does", () => {
  const counts = fc.record({ by: some(KEYS), sum: some(NUMBERS), hist: some(NUMBERS) });
  const calls = fc.array(fc.tuple(number, name, number, number, number), { maxLength: 12 });
  fc.assert(
    fc.property(counts, calls, fc.constantFrom("tracepoints", "hooks"), (given, made, machine) => {
      const entries = Object.entries(given).flatMap(([kind, values]) =>
        values.length === 0 ? [] : [`${kind} ${values.join(", ")}`],
      );
      const text = `rule { rule_name = r syscall_name = openat syscall_match = exact when = after
        action { type = COUNT ${entries.join(" ")} } }`;
      const rules = checked(text);
      const [rule] = rules;
      const action = rule && countOf(rule);
      assert.ok(rule && action);
      const simulation = new Simulation(rules, MACHINES[machine]);
      const counter = new CallCounter(rule.name, action, vocabulary);
      for (const [fd, path, flags, mode, retval] of made) {
        simulation.call({ ...CALL, args: [fd, path, flags, mode], retval });
        const args = [fd, Buffer.from(path), flags, mode];
        const call = new SyntheticCall(
          { ...{ name: CALL.name, args }, variables: new Map() },
          vocabulary,
        );
        for (const acting of evaluateRules(rules, call.returned(retval), vocabulary))
          if (acting.target.counted) counter.add(acting.target.counted, acting.call);
      }
      const [table] = readSimulated(simulation);
      assert.ok(table);
      const own = counter.table();
      assert.equal(formatCountsJson(table, ""), formatCountsJson(own, ""), text);
    }),
    { numRuns: 100 },
  );
});
