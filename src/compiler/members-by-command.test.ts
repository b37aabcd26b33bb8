/** Members that structs have by the command of a call, on each kind of machine, in the interpreter. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MACHINES } from "./testing/machines.ts";
import { checked, linesOf, logRule } from "./testing/rules.ts";
import { type Argument, type SimulatedCall, Simulation } from "./testing/simulation.ts";
import { words } from "./testing/structs.ts";

type MachineName = keyof typeof MACHINES;
const ALL = Object.keys(MACHINES) as MachineName[];

function simulate(rules: string, machine: MachineName): Simulation {
  return new Simulation(checked(rules), MACHINES[machine]);
}

for (const machine of ALL) {
  const lock = (type: number): Uint8Array => words([BigInt(type), 5n, 7n, 0n]);
  const fcntl = (cmd: number, arg: Argument, more: Partial<SimulatedCall> = {}): SimulatedCall => ({
    name: "fcntl",
    nr: 72,
    args: [3, cmd, arg],
    ...more,
  });
  const LINE = "%param3.l_type{symbolic} %param3.l_start %param3.l_len %param3.value";

  test(`${machine}: members by command are those of the command, and of no other`, () => {
    const simulation = simulate(logRule("fcntl", "PARAMS[3].l_type == F_WRLCK", LINE), machine);
    const lines = (call: SimulatedCall): unknown => linesOf(simulation, simulation.call(call));
    const expected = [["F_WRLCK 5 7 (none)"]];
    assert.deepEqual(lines(fcntl(6, lock(1))), expected);
    assert.deepEqual(lines(fcntl(37, lock(1))), expected);
    assert.deepEqual(lines(fcntl(6, lock(0))), []);
    // F_SETFL, F_SETPIPE_SZ: a number, which no struct is looked for at
    assert.deepEqual(lines(fcntl(4, lock(1))), []);
    assert.deepEqual(lines(fcntl(1031, 4096)), []);
    const late = [["F_WRLCK 5 7 (none)", "late"]];
    assert.deepEqual(lines(fcntl(7, { untouched: lock(1) })), late);
    assert.deepEqual(lines(fcntl(4, { untouched: lock(1) })), []);
  });

  test(`${machine}: what another command does not have is false, and its negation true`, () => {
    const rule = logRule("fcntl", "!(PARAMS[3].l_type == F_WRLCK)", "%param3.l_type %param3.value");
    const simulation = simulate(rule, machine);
    const lines = (call: SimulatedCall): unknown => linesOf(simulation, simulation.call(call));
    assert.deepEqual(lines(fcntl(4, 0)), [["(none) (none)"]]);
    assert.deepEqual(lines(fcntl(1036, words([3]))), [["(none) 3"]]);
    assert.deepEqual(lines(fcntl(6, lock(1))), []);
    // of the command that has it, NULL cannot be read: a rule that logs matches
    assert.deepEqual(lines(fcntl(6, 0)), [["(unreadable) (none)", "unreadable", "late"]]);
  });

  test(`${machine}: 32-bit commands lay out one member in two ways`, () => {
    const rule = logRule("fcntl", "PARAMS[3].l_start == 5 && PARAMS[3].l_len == -7", LINE);
    const simulation = simulate(rule, machine);
    const lines = (cmd: number, struct: Uint8Array): unknown =>
      linesOf(simulation, simulation.call({ ...fcntl(cmd, struct), nr: 221, abi: "i386" }));
    const small = words([0, 5, -7, 0], 4);
    const large = words([1, 5, 0, -7, -1, 0], 4);
    assert.deepEqual(lines(6, small), [["F_RDLCK 5 -7 (none)"]]);
    assert.deepEqual(lines(13, large), [["F_WRLCK 5 -7 (none)"]]);
    assert.deepEqual(lines(13, words([0, 5, -7, 0, 0, 0], 4)), []);
    assert.deepEqual(lines(6, large), []);
  });

  test(`${machine}: options of sockets go by level and name`, () => {
    const rule = logRule("setsockopt", "PARAMS[4].l_linger == 9", "%param4.l_onoff %param4.value");
    const simulation = simulate(rule, machine);
    const lines = (level: number, option: number): unknown => {
      const args = [3, level, option, words([1, 9], 4), 8];
      return linesOf(simulation, simulation.call({ name: "setsockopt", nr: 54, args }));
    };
    assert.deepEqual(lines(1, 13), [["1 (none)"]]);
    // SO_PRIORITY; TCP_CONGESTION
    assert.deepEqual(lines(1, 12), []);
    assert.deepEqual(lines(6, 13), []);
  });
}
