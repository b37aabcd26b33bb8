/** Rules that take some of the calls that match, on each kind of machine, in the interpreter. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { thresholdWord } from "./layout/frequencies.ts";
import { MACHINES } from "./testing/machines.ts";
import { checked, eventsOf } from "./testing/rules.ts";
import { type SimulatedCall, Simulation } from "./testing/simulation.ts";

type MachineName = keyof typeof MACHINES;
const ALL = Object.keys(MACHINES) as MachineName[];
const ACTING = ALL.filter((name) => name !== "tracepoints");

const EIO = -5n;
const SECOND = 1_000_000_000n;

function simulate(text: string, machine: MachineName, seed?: number): Simulation {
  return new Simulation(checked(text), MACHINES[machine], { seed });
}

const unlink = (path: NonNullable<SimulatedCall["args"]>[number]): SimulatedCall => ({
  name: "unlinkat",
  nr: 263,
  args: [-100, path, 0],
  hooks: [["path_unlink", (o) => [o.path("/etc"), o.dentry("/etc/passwd")]]],
});
const passwd = unlink("/etc/passwd");

const log = (entry: string, more = ""): string =>
  `rule { rule_name = r syscall_name = unlink ${entry} ${more} action { type = LOG } }`;
const fail = (entry: string, more = ""): string =>
  `rule { rule_name = r syscall_name = unlink ${entry} ${more} action { type = FAIL error_code = EIO } }`;

/** For each of so many calls whether the rule took it. */
function taken(simulation: Simulation, calls: number, call = passwd): string {
  return Array.from({ length: calls }, () => simulation.call(call).records.length).join("");
}

for (const machine of ALL) {
  test(`${machine}: occurrences`, () => {
    for (const [entry, expected] of [
      ["occurrence = 3", "00100000"],
      ["occurrence = 1", "10000000"],
      ["occurrence = 3+", "00111111"],
      ["occurrence = 3..5", "00111000"],
      ["occurrence = 2+3", "01001001"],
      ["occurrence = 2+3 per uid", "01001001"],
      ["occurrence = 4294967295", "00000000"],
    ] as const)
      for (const when of ["before", "after"])
        assert.equal(taken(simulate(log(entry, `when = ${when}`), machine), 8), expected, entry);
  });

  test(`${machine}: what is not taken goes to the next rule, which has a count of its own`, () => {
    const rest =
      "rule { rule_name = rest syscall_name = unlink occurrence = 2+2 action { type = LOG } }";
    const simulation = simulate(`${log("occurrence = 2")} ${rest}`, machine);
    const names = Array.from({ length: 6 }, () =>
      eventsOf(simulation, simulation.call(passwd)).map(({ rule }) => rule),
    );
    assert.deepEqual(names, [[], ["r"], ["rest"], [], ["rest"], []]);
  });

  test(`${machine}: only calls that pass the filter count`, () => {
    const filter = 'filter_expression { PARAMS[1] == "/etc/passwd" }';
    const simulation = simulate(log("occurrence = 2", filter), machine);
    const other = unlink("/etc/group");
    assert.equal(
      taken(simulation, 1) + taken(simulation, 3, other) + taken(simulation, 2),
      "000010",
    );
  });

  test(`${machine}: a call that is decided on later counts once`, () => {
    const filter = 'filter_expression { PARAMS[1] == "/etc/passwd" }';
    const late = unlink({ untouched: "/etc/passwd" });
    for (const more of ["", filter])
      assert.equal(taken(simulate(log("occurrence = 2+2", more), machine), 6, late), "010101");
  });

  test(`${machine}: each value of a variable counts for itself`, () => {
    for (const per of ["uid", "comm", "pid", "loginuid", "mntns", "caps"]) {
      const simulation = simulate(log(`occurrence = 2 per ${per}`), machine);
      const of = (id: number): string => {
        const same = { ids: { uid: id }, pid: id, loginuid: id, mntns: id, caps: BigInt(id) };
        simulation.enter({ ...same, comm: `c${id}` });
        return taken(simulation, 1);
      };
      assert.equal([5, 6, 5, 6, 5].map(of).join(""), "00110", per);
    }
  });

  test(`${machine}: calls are taken from a threshold on, until the period is over`, () => {
    for (const per of ["", "per uid"]) {
      const simulation = simulate(log(`threshold = 3/10s ${per}`), machine);
      assert.equal(taken(simulation, 5), "00111");
      simulation.kernel.bootNs += 10n * SECOND - 1n;
      assert.equal(taken(simulation, 1), "1");
      simulation.kernel.bootNs += 1n;
      assert.equal(taken(simulation, 3), "001");
      simulation.kernel.bootNs += 1_000_000n * SECOND;
      assert.equal(taken(simulation, 4), "0011");
    }
  });

  test(`${machine}: a call whose clock was read before another began the period counts in it`, () => {
    for (const count of [2, 0xffff_ffff]) {
      const simulation = simulate(log(`threshold = ${count}/1s`), machine);
      taken(simulation, 1);
      simulation.kernel.bootNs -= 1000n;
      assert.equal(taken(simulation, 2), count === 2 ? "11" : "00");
      simulation.kernel.bootNs += SECOND;
      assert.equal(
        taken(simulation, 1),
        count === 2 ? "1" : "0",
        "the period is that of the first",
      );
      simulation.kernel.bootNs += 1000n;
      assert.equal(taken(simulation, 1), "0");
    }
  });

  test(`${machine}: the first of the period can be the one`, () => {
    assert.equal(taken(simulate(log("threshold = 1/1h"), machine), 3), "111");
  });

  test(`${machine}: chance`, () => {
    const simulation = simulate(log("chance = 25%"), machine);
    const numbers = [0, 2 ** 30 - 1, 2 ** 30, 2 ** 32 - 1];
    simulation.kernel.random = () => numbers.shift() as number;
    assert.equal(taken(simulation, 4), "1100");
    simulation.kernel.random = () => 2 ** 32 - 1;
    assert.equal(taken(simulate(log("chance = 100%"), machine), 2), "11");
  });

  test(`${machine}: a threshold and a chance see what the occurrence lets through`, () => {
    const simulation = simulate(log("occurrence = 2+2 threshold = 2/1h chance = 50%"), machine);
    let asked = 0;
    simulation.kernel.random = () => asked++;
    assert.equal(taken(simulation, 8), "00010101");
    assert.equal(asked, 3);
  });
}

for (const machine of ACTING) {
  test(`${machine}: the third call fails, and no other`, () => {
    for (const more of ["", 'filter_expression { PARAMS[1] == "/etc/passwd" }']) {
      const simulation = simulate(fail("occurrence = 3", more), machine);
      const results = Array.from({ length: 5 }, () => simulation.call(passwd).retval);
      assert.deepEqual(results, [0n, 0n, EIO, 0n, 0n]);
    }
  });

  test(`${machine}: a call that is made again after a stop does not count twice`, () => {
    const stop = log("occurrence = 2", "continue = yes")
      .replace("rule_name = r", "rule_name = stop")
      .replace("LOG", "SUSPEND");
    const simulation = simulate(`${stop} ${log("occurrence = 2..3")}`, machine);
    const made = (): readonly unknown[] => {
      const outcome = simulation.call(passwd);
      return [outcome.retval, ...eventsOf(simulation, outcome).map(({ rule }) => rule)];
    };
    assert.deepEqual(made(), [0n]);
    assert.deepEqual(made(), [-513n, "stop"]);
    assert.deepEqual(made(), [0n, "r"], "the same call");
    assert.deepEqual(made(), [0n, "r"]);
    assert.deepEqual(made(), [0n]);
  });
}

test("a seed makes the same choices again", () => {
  const choices = (seed: number): string =>
    taken(simulate(log("chance = 50%"), "tracepoints", seed), 40);
  assert.equal(choices(7), choices(7));
  assert.notEqual(choices(7), choices(8));
});

test("a value whose count cannot be kept is missed, and the next rule gets the call", () => {
  const rest = "rule { rule_name = rest syscall_name = unlink action { type = LOG } }";
  const simulation = simulate(`${log("occurrence = 1 per pid")} ${rest}`, "hooks");
  const counts = simulation.kernel.maps.get("sct_counts");
  assert.ok(counts);
  counts.isFull = true;
  const names = eventsOf(simulation, simulation.call(passwd)).map(({ rule }) => rule);
  assert.deepEqual(names, ["rest"]);
  assert.equal(simulation.rareCount(0, "missed"), 1n);
  counts.isFull = false;
  assert.equal(eventsOf(simulation, simulation.call(passwd))[0]?.rule, "r");
});

test("time and count of a threshold share a word, whatever they are", () => {
  for (const count of [1, 100, 0xffff_ffff])
    for (const periodNs of [1_000_000n, 3600n * SECOND, 1n << 62n]) {
      const { countBits, shift } = thresholdWord({ count, periodNs } as never);
      assert.ok(2 ** countBits > count);
      assert.ok(1n << (BigInt(64 - countBits) + shift) > periodNs);
      if (periodNs === SECOND && count === 100) assert.equal(shift, 0n);
    }
});
