/** Whole rule sets through the life of calls, on each kind of machine, in the interpreter. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { EPERM } from "../base/linux-abi.ts";
import { MACHINES } from "./testing/machines.ts";
import { UNMAPPED } from "./testing/process-memory.ts";
import { checked, eventsOf } from "./testing/rules.ts";
import { type SimulatedCall, type SimulatedOutcome, Simulation } from "./testing/simulation.ts";

type MachineName = keyof typeof MACHINES;
const ALL = Object.keys(MACHINES) as MachineName[];
const ACTING = ALL.filter((name) => name !== "tracepoints");

function simulate(text: string, machine: MachineName, caller = {}): Simulation {
  return new Simulation(checked(text), MACHINES[machine], {}, caller);
}

const REFUSED = BigInt(-EPERM);
const unlink = (path: SimulatedCall["args"], more: Partial<SimulatedCall> = {}): SimulatedCall => ({
  name: "unlinkat",
  nr: 263,
  args: [-100, ...(path ?? []), 0],
  ...more,
});
const passwd = unlink(["/etc/passwd"], {
  hooks: [["path_unlink", (o) => [o.path("/etc"), o.dentry("/etc/passwd")]]],
});

/** What was reported: rule, call, first parameter, flags. */
function seen(simulation: Simulation, outcome: SimulatedOutcome): readonly (readonly unknown[])[] {
  return eventsOf(simulation, outcome).map(({ rule, syscall, params, flags }) => [
    rule,
    syscall,
    params[0]?.value,
    ...flags,
  ]);
}

const LOG = "rule { rule_name = log syscall_name = unlink action { type = LOG } }";

for (const machine of ALL) {
  test(`${machine}: a call is reported once, with its caller`, () => {
    const simulation = simulate(LOG, machine, { ids: { uid: 1000, euid: 0 }, comm: "rm" });
    const outcome = simulation.call(passwd);
    assert.equal(outcome.retval, 0n);
    const [event, ...more] = eventsOf(simulation, outcome);
    assert.deepEqual(more, []);
    assert.equal(event?.syscall, "unlinkat");
    assert.equal(event?.as, "unlink");
    assert.equal(event?.seq, 1);
    assert.deepEqual(
      [event?.pid, event?.ppid, event?.uid, event?.euid, event?.comm],
      [4242, 4000, 1000, 0, "rm"],
    );
    assert.deepEqual(event?.flags, []);
  });

  test(`${machine}: process, thread and parent are distinguished`, () => {
    const rule = LOG.replace("action", 'filter_expression { PCOMM == "bash" } action');
    const simulation = simulate(rule, machine, { pid: 10, tid: 11, ppid: 9 });
    const [event] = eventsOf(simulation, simulation.call(passwd));
    assert.deepEqual([event?.pid, event?.tid, event?.ppid], [10, 11, 9]);
  });

  test(`${machine}: a call that no rule names, and a guard that does not hold, leave no trace`, () => {
    const simulation = simulate(LOG, machine);
    const removed = unlink(["/tmp/d"], { args: [-100, "/tmp/d", 0x200] });
    for (const call of [{ name: "getppid", nr: 110 }, removed])
      assert.deepEqual(seen(simulation, simulation.call(call)), []);
  });

  test(`${machine}: a 32-bit call is found by its own number`, () => {
    const simulation = simulate(LOG, machine);
    const call = unlink(["/n/32"], { abi: "i386", nr: 301 });
    assert.deepEqual(seen(simulation, simulation.call(call)), [["log", "unlinkat", "/n/32"]]);
    // that number is another call of 64-bit programs
    const other = unlink(["/n/32"], { name: "other", nr: 301 });
    assert.deepEqual(seen(simulation, simulation.call(other)), []);
  });

  test(`${machine}: text that is not there yet is decided on later, and never twice`, () => {
    const filter = 'filter_expression { PARAMS[1] == "/etc/passwd" }';
    const simulation = simulate(LOG.replace("action", `${filter} action`), machine);
    const late = unlink([{ untouched: "/etc/passwd" }]);
    assert.deepEqual(seen(simulation, simulation.call(late)), [
      ["log", "unlinkat", "/etc/passwd", "late"],
    ]);
    assert.deepEqual(seen(simulation, simulation.call({ name: "getppid", nr: 110 })), []);
    const other = unlink([{ untouched: "/etc/shadow" }]);
    assert.deepEqual(seen(simulation, simulation.call(other)), []);
  });

  test(`${machine}: text that cannot be read counts as a match, and is said to be unreadable`, () => {
    const filter = 'filter_expression { PARAMS[1] == "/etc/passwd" }';
    for (const [choice, expected] of [
      ["match", [["log", "unlinkat", null, "unreadable", "late"]]],
      ["skip", []],
    ] as const) {
      const rule = LOG.replace("action", `on_unreadable = ${choice} ${filter} action`);
      const simulation = simulate(rule, machine);
      const outcome = simulation.call(unlink([UNMAPPED], { retval: -14n }));
      assert.deepEqual(seen(simulation, outcome).map(sorted), expected.map(sorted), choice);
    }
  });

  test(`${machine}: an after rule sees the result, once`, () => {
    const rule =
      "rule { syscall_name = unlink when = after filter_expression { RETVAL == -ENOENT } action { type = LOG } }";
    const simulation = simulate(rule, machine);
    const [event, ...more] = eventsOf(
      simulation,
      simulation.call(unlink(["/no"], { retval: -2n })),
    );
    assert.deepEqual(more, []);
    assert.equal(event?.retval, -2);
    assert.equal(event?.errno, "ENOENT");
    assert.deepEqual(eventsOf(simulation, simulation.call(unlink(["/yes"]))), []);
  });

  test(`${machine}: a rule on the duration of calls sees what its event shows`, () => {
    const rules = ["DURATION >= 10ms", "DURATION < 1us || RETVAL == 7"].map(
      (filter, i) =>
        `rule { rule_name = r${i} syscall_name = unlink when = after filter_expression { ${filter} }
          action { type = LOG log_format {%duration} } }`,
    );
    const simulation = simulate(rules.join(" "), machine);
    const shown = (takesNs: bigint, retval = 0n): readonly unknown[] =>
      eventsOf(simulation, simulation.call(unlink(["/x"], { takesNs, retval }))).map(
        ({ rule, message, duration_ns }) => [rule, message, duration_ns],
      );
    assert.deepEqual(shown(10_000_000n), [["r0", "10000000", 10_000_000]]);
    assert.deepEqual(shown(9_999_999n), []);
    assert.deepEqual(shown(999n), [["r1", "999", 999]]);
    assert.deepEqual(shown(1000n, 7n), [["r1", "1000", 1000]]);
    // beyond what numbers of JSON hold exactly
    assert.deepEqual(shown(1n << 60n), [["r0", `${1n << 60n}`, `${1n << 60n}`]]);
  });

  test(`${machine}: the first rule that matches acts, alone unless it continues`, () => {
    const two = (more: string): string =>
      `rule { rule_name = one syscall_name = unlink ${more} action { type = LOG } }
       rule { rule_name = two syscall_name = unlink action { type = LOG } }`;
    const names = (text: string): readonly unknown[] => {
      const simulation = simulate(text, machine);
      return seen(simulation, simulation.call(passwd)).map(([rule]) => rule);
    };
    assert.deepEqual(names(two("")), ["one"]);
    assert.deepEqual(names(two("continue = yes")), ["one", "two"]);
    assert.deepEqual(names(two("filter_expression { UID == 5 }")), ["two"]);
  });
}

function sorted(words: readonly unknown[]): readonly unknown[] {
  return words.map(String).toSorted();
}

test("an unsigned parameter is shifted and compared as one", () => {
  const rule = `rule { syscall_name = mmap syscall_match = exact
    filter_expression { PARAMS[2] >> 60 == 15 && PARAMS[2] > 1 && PARAMS[2] / 2 > 1 } action { type = LOG } }`;
  const simulation = simulate(rule, "tracepoints");
  const length = (args: bigint): SimulatedCall => ({ name: "mmap", nr: 9, args: [0, args] });
  assert.equal(simulation.call(length(0xf000_0000_0000_0000n)).records.length, 1);
  assert.equal(simulation.call(length(0x7000_0000_0000_0000n)).records.length, 0);
});

const FAIL = `rule { rule_name = fail syscall_name = unlink filter_expression { UID == 0 && PARAMS[1] endswith "passwd" }
  action { type = LOG } action { type = FAIL error_code = EPERM } }`;

for (const machine of ACTING) {
  test(`${machine}: FAIL keeps the call from being made, and is reported`, () => {
    const simulation = simulate(FAIL, machine);
    const outcome = simulation.call(passwd);
    assert.equal(outcome.retval, REFUSED);
    assert.equal(outcome.isMade, false);
    assert.deepEqual(seen(simulation, outcome), [
      ["fail", "unlinkat", "/etc/passwd", "call-skipped"],
    ]);
  });

  test(`${machine}: FAIL denies nobody that the rule does not mean`, () => {
    const simulation = simulate(FAIL, machine, { ids: { uid: 1 } });
    assert.equal(simulation.call(passwd).isMade, true);
    simulation.enter({ ids: { uid: 0 } });
    const shadow = unlink(["/etc/shadow"], {
      hooks: [["path_unlink", (o) => [o.path("/etc"), o.dentry("/etc/shadow")]]],
    });
    assert.equal(simulation.call(shadow).isMade, true);
    assert.equal(simulation.call(passwd).isMade, false);
  });

  test(`${machine}: a decision is for its own call only, whether or not its end was seen`, () => {
    const simulation = simulate(FAIL, machine);
    simulation.call({ ...passwd, skipsExit: true });
    const next: SimulatedCall = {
      name: "rmdir",
      nr: 84,
      args: ["/tmp/d"],
      hooks: [["path_unlink", (o) => [o.path("/tmp"), o.dentry("/tmp/d")]]],
    };
    assert.equal(simulation.call(next).isMade, true);
  });

  test(`${machine}: without memory for the thread, what a rule may deny fails, and only that`, () => {
    const simulation = simulate(FAIL, machine);
    const areas = simulation.kernel.maps.get("sct_areas");
    assert.ok(areas);
    areas.isFull = true;
    assert.equal(simulation.call(passwd).retval, REFUSED);
    assert.equal(simulation.rareCount(0, "missed"), 1n);
    simulation.enter({ pid: 5, tid: 5, ids: { uid: 3 } });
    assert.equal(simulation.call(passwd).isMade, true);
  });

  test(`${machine}: KILL sends the signal and keeps the call from being made`, () => {
    const simulation = simulate(
      "rule { syscall_name = unlink filter_expression { UID == 0 } action { type = KILL } }",
      machine,
    );
    const outcome = simulation.call(passwd);
    assert.deepEqual(outcome.signals, [9]);
    assert.equal(outcome.isMade, false);
  });
}

const decidesLate = ACTING.filter((name) => MACHINES[name].hookKind !== undefined);
for (const machine of decidesLate) {
  test(`${machine}: text that is not there yet is decided on in the hook`, () => {
    const simulation = simulate(FAIL, machine);
    const { hooks } = passwd;
    const denied = simulation.call(unlink([{ untouched: "/etc/passwd" }], { hooks: hooks ?? [] }));
    assert.equal(denied.retval, REFUSED);
    assert.deepEqual(seen(simulation, denied), [
      ["fail", "unlinkat", "/etc/passwd", "late", "call-skipped"],
    ]);
    const allowed = simulation.call(unlink([{ untouched: "/etc/x" }], { hooks: hooks ?? [] }));
    assert.equal(allowed.isMade, true);
  });

  test(`${machine}: PATH is the file that the hook is given, whatever the text says`, () => {
    const simulation = simulate(
      'rule { syscall_name = unlink filter_expression { PATH == "/etc/passwd" } action { type = FAIL error_code = EACCES } }',
      machine,
    );
    const named = (text: string, file: string): SimulatedCall =>
      unlink([text], {
        hooks: [["path_unlink", (o) => [o.path(file.replace(/\/[^/]*$/, "")), o.dentry(file)]]],
      });
    assert.equal(simulation.call(named("../etc/./passwd", "/etc/passwd")).retval, -13n);
    assert.equal(simulation.call(named("/etc/passwd", "/home/etc/passwd")).isMade, true);
  });
}

for (const machine of decidesLate) {
  for (const [filter, isMeant] of [
    ['PATH != "/x"', false],
    ['!(PATH startswith "/x")', false],
    ['!(PATH in ("/x", "/y"))', false],
    ['PATH == "/x" || UID == 0', true],
  ] as const)
    for (const when of ["before", "after"])
      test(`${machine}: a path that named nothing: ${when}, ${filter}`, () => {
        const rule = `rule { syscall_name = unlink when = ${when} filter_expression { ${filter} } action { type = LOG } }`;
        const simulation = simulate(rule, machine);
        const outcome = simulation.call(unlink([""], { retval: -2n }));
        assert.equal(outcome.records.length, isMeant ? 1 : 0);
        assert.equal(simulation.call(passwd).records.length, 1);
      });
}

for (const machine of ALL) {
  test(`${machine}: rules of another generation let every call pass`, () => {
    const simulation = simulate(machine === "tracepoints" ? LOG : FAIL, machine);
    simulation.putInForce(simulation.compiled.generation + 1);
    const outcome = simulation.call(passwd);
    assert.equal(outcome.isMade, true);
    assert.deepEqual(outcome.records, []);
  });

  test(`${machine}: what the ring has no room for is counted, and leaves a gap in the sequence`, () => {
    const simulation = simulate(LOG, machine);
    simulation.kernel.isRingFull = true;
    assert.deepEqual(simulation.call(passwd).records, []);
    simulation.kernel.isRingFull = false;
    const [event] = eventsOf(simulation, simulation.call(passwd));
    assert.equal(event?.seq, 2);
    assert.deepEqual([simulation.count(0, "delivered"), simulation.count(0, "dropped")], [1n, 1n]);
  });

  test(`${machine}: a limit reports so many, and counts the rest`, () => {
    const simulation = simulate(LOG.replace("action", "limit = 2/s per uid action"), machine);
    const reports = (): number => simulation.call(passwd).records.length;
    assert.deepEqual([reports(), reports(), reports()], [1, 1, 0]);
    simulation.enter({ ids: { uid: 7 } });
    assert.equal(reports(), 1);
    simulation.kernel.bootNs += 1_000_000_000n;
    assert.equal(reports(), 1);
    assert.equal(simulation.count(0, "limited"), 1n);
    // the clock was read before another processor began the window
    simulation.kernel.bootNs -= 1000n;
    assert.deepEqual([reports(), reports()], [1, 0]);
  });
}

test("a name that is exactly the call's own is the one it is presented with", () => {
  for (const names of ["unlink, unlinkat", "unlinkat, unlink"]) {
    const rule = `rule { syscall_name = ${names} action { type = LOG } }`;
    const simulation = simulate(rule, "tracepoints");
    const [event] = eventsOf(simulation, simulation.call(passwd));
    assert.equal(event?.as, "unlinkat", names);
    assert.deepEqual(
      event?.params.map(({ value }) => value),
      [-100, "/etc/passwd", 0],
    );
  }
});

for (const machine of ALL)
  test(`${machine}: a file in a mount without a name has none, and on_unreadable decides`, () => {
    for (const [on, count] of [
      ["match", 1],
      ["skip", 0],
    ] as const) {
      const rule = `rule { syscall_name = unlink on_unreadable = ${on} filter_expression { EXE == "/usr/bin/rm" } action { type = LOG } }`;
      const { records } = simulate(rule, machine, { exe: "copy:/usr/bin/rm" }).call(passwd);
      assert.equal(records.length, count, on);
    }
  });

test("a hook is given no error that the kernel would misunderstand there; a call's own function is", () => {
  const rule = (call: string, errno: string): string =>
    `rule { syscall_name = ${call} filter_expression { UID == 5 } action { type = FAIL error_code = ${errno} } }`;
  for (const [call, errno] of [
    ["kill", "ESRCH"],
    ["prctl", "ENOSYS"],
  ] as const) {
    assert.throws(() => simulate(rule(call, errno), "hooks"), /cannot be enforced here/, call);
    assert.ok(simulate(rule(call, errno), "modifies"));
    assert.ok(simulate(rule(call, "EACCES"), "hooks"));
  }
});

for (const machine of ALL)
  test(`${machine}: a program in no directory is called by its own name, one in directories by all of them`, () => {
    for (const [exe, name] of [
      ["memfd:payload", "memfd:payload"],
      ["pipe:[4026531840]", "pipe:[4026531840]"],
      ["socket:[7]", "socket:[7]"],
      ["anon_inode:[eventfd]", "anon_inode:[eventfd]"],
      ["/usr/bin/rm", "/usr/bin/rm"],
      ["/", "/"],
      ["", "/"],
    ] as const) {
      const rule = `rule { syscall_name = unlink filter_expression { EXE == "${name}" } action { type = LOG } }`;
      const simulation = simulate(rule, machine, { exe });
      assert.equal(simulation.call(passwd).records.length, 1, exe);
    }
  });
