/** Rules on arguments and on the environment of programs share code: each means what it means alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MapName } from "./layout/map-names.ts";
import { MACHINES } from "./testing/machines.ts";
import { UNMAPPED } from "./testing/process-memory.ts";
import { checked, eventsOf } from "./testing/rules.ts";
import { type SimulatedCall, Simulation } from "./testing/simulation.ts";

type List = readonly (string | bigint)[];
const LONG = "x".repeat(5000);

const FILTERS: readonly ((n: number) => string)[] = [
  (n) => `ARGV[1] == "--${n}"`,
  (n) => `ARGV[1] in ("-${n}", "-x${n}") && UID == ${n % 2}`,
  (n) => `ENVP["MODE"] == "m${n}"`,
  (n) => `ARGV[2] == "${"x".repeat(n)}"`,
];

const CALLS: readonly (readonly [argv: List, env: List])[] = [
  [["run", "--0"], []],
  [["run", "--28"], []],
  [["run", "--29x"], []],
  [["run", "-x33"], []],
  [["run", "-57", "x".repeat(95)], ["MODE=m62"]],
  [
    ["run", "-33", "x".repeat(119)],
    ["A=m62", "MODE=m86", "MODE=m62"],
  ],
  [["run", "", "x".repeat(118)], ["MODE=m87x"]],
  [["run"], ["A=m62", "MODE="]],
  [["run", "", LONG], []],
  [["run", LONG], [`MODE=${LONG}`]],
  [
    ["run", "--0", UNMAPPED],
    ["MODE=m62", UNMAPPED],
  ],
  [["run", UNMAPPED], []],
  [[], []],
];

function outcomes(text: string, machine: keyof typeof MACHINES, groupsFrom?: number) {
  const options = groupsFrom === undefined ? {} : { groupsFrom };
  const simulation = new Simulation(checked(text), MACHINES[machine], options);
  const { maps, rules } = simulation.compiled;
  assert.equal(
    maps.some(({ name }) => name === MapName.groups),
    groupsFrom === undefined,
  );
  const found = CALLS.flatMap(([argv, env]) =>
    [0, 1].map((uid) => {
      simulation.enter({ ids: { uid } });
      const args = ["/bin/x", { list: argv }, { list: env }] as SimulatedCall["args"];
      const outcome = simulation.call({ name: "execve", nr: 59, retval: -2n, args: args ?? [] });
      return eventsOf(simulation, outcome).map(({ rule, flags }) => `${rule} ${flags.join()}`);
    }),
  );
  return { found, unread: rules.map((_, i) => simulation.rareCount(i, "unreadable")) };
}

for (const machine of ["tracepoints", "hooks", "modifies"] as const)
  for (const choice of ["skip", "match"])
    test(`${machine}: rules on arguments mean the same alone and together (${choice})`, () => {
      const isMixed = choice === "match";
      const text = Array.from({ length: 120 }, (_, n) => {
        const filter = FILTERS[isMixed ? n % 4 : Math.floor(n / 30)]?.(n);
        return `rule { rule_name = r${n} syscall_name = execve syscall_match = exact
          on_unreadable = ${choice} filter_expression { ${filter} } action { type = LOG } }`;
      }).join("\n");
      const together = outcomes(text, machine);
      assert.deepEqual(together, outcomes(text, machine, Number.POSITIVE_INFINITY));
      const rules = new Set(together.found.flat().map((line) => line.split(" ")[0]));
      assert.ok(rules.size > 3, [...rules].join());
    });
