/** What rules say of a caller beside its ids, through the life of a call on each kind of machine, in the interpreter. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { unsupportedBy } from "./plan/support.ts";
import { KERNEL_FACTS } from "./testing/kernel-facts.ts";
import { MACHINES } from "./testing/machines.ts";
import type { SimulatedCaller } from "./testing/objects.ts";
import { checked, eventsOf } from "./testing/rules.ts";
import { Simulation } from "./testing/simulation.ts";

type MachineName = keyof typeof MACHINES;
const ALL = Object.keys(MACHINES) as MachineName[];
const ID = "0123456789abcdef".repeat(4);
const OTHER = ID.replaceAll("0", "f");

const log = (filter: string, more = ""): string =>
  `rule { rule_name = log syscall_name = unlink ${more} filter_expression { ${filter} } action { type = LOG } }`;

/** Of the machine that is tested: most rules meet many callers. */
const loaded = new Map<string, Simulation>();

function load(rule: string, machine: MachineName): Simulation {
  const key = `${machine} ${rule}`;
  const known = loaded.get(key);
  if (known !== undefined) return known;
  const simulation = new Simulation(checked(rule), MACHINES[machine]);
  loaded.set(key, simulation);
  return simulation;
}

/** How many records the call of such a caller causes. */
function matches(rule: string, machine: MachineName, caller: Partial<SimulatedCaller>): number {
  const simulation = load(rule, machine);
  simulation.enter(caller);
  return simulation.call({ name: "unlink", nr: 87, args: ["/x"] }).records.length;
}

const NUMBERS: readonly (readonly [filter: string, caller: Partial<SimulatedCaller>])[] = [
  ["CAPS == 0x8000000000000001", { caps: 0x8000_0000_0000_0001n }],
  ["CAPS & (1 << 21)", { caps: 1n << 21n }],
  ["PIDNS == 4026532001", { pidns: 4026532001 }],
  ["MNTNS in (4026532000..4026532002)", { mntns: 4026532001 }],
  ["NSPID == 7 && PID == 4242", { pids: [4242, 300, 7] }],
  ["CGROUP == 0x500000003", { cgroupId: 0x5_0000_0003n }],
];

for (const machine of ALL)
  for (const when of ["before", "after"])
    for (const [filter, caller] of NUMBERS)
      test(`${machine}: ${filter} ${when}`, () => {
        const rule = log(filter, `when = ${when}`);
        assert.equal(matches(rule, machine, caller), 1);
        assert.equal(matches(rule, machine, {}), 0);
      });

const CONTAINERS: readonly (readonly [container: string, caller: Partial<SimulatedCaller>])[] = [
  ["", {}],
  ["", { cgroup: "/" }],
  ["", { cgroup: `/docker/${ID.slice(1)}` }],
  ["", { cgroup: `/docker/${ID.toUpperCase()}` }],
  ["", { cgroup: `/${ID.slice(32)}/${ID.slice(32)}` }],
  [ID, { cgroup: `/docker/${ID}` }],
  [ID, { cgroup: `/system.slice/docker-${ID}.scope` }],
  [ID, { cgroup: `/machine.slice/libpod-${ID}.scope/container/init` }],
  [ID, { cgroup: `/${ID}abc` }],
  [ID, { cgroup: `/docker/${ID}/${OTHER}` }],
  [OTHER, { cgroup: `/crio-${OTHER}-${ID}` }],
  [ID, { cgroup: `/${"x".repeat(255 - ID.length)}${ID}` }],
  [ID, { cgroup: "/user.slice", cgroupOfController: `/docker/${ID}` }],
  [ID, { cgroup: `/docker/${ID}`, cgroupOfController: `/docker/${OTHER}` }],
];

for (const machine of ALL)
  for (const [container, caller] of CONTAINERS)
    test(`${machine}: the container of ${JSON.stringify(caller)}`, () => {
      for (const when of ["before", "after"]) {
        const more = `when = ${when}`;
        assert.equal(matches(log(`CONTAINER == "${container}"`, more), machine, caller), 1);
        assert.equal(matches(log(`CONTAINER != "${container}"`, more), machine, caller), 0);
        const digits = container.slice(0, 12);
        assert.equal(matches(log(`CONTAINER startswith "${digits}"`, more), machine, caller), 1);
      }
    });

/** Process 10, whose parent is 9 "sh", whose parent is 8 "sshd" and so on. */
const FAMILY: Partial<SimulatedCaller> = {
  pid: 10,
  tid: 11,
  comm: "own",
  ppid: 9,
  pcomm: "sh",
  ancestors: [
    [8, "sshd"],
    [7, "exactly15 bytes"],
    [1, "init"],
  ],
};

const ANCESTORS: readonly (readonly [filter: string, isMeant: boolean])[] = [
  ['descends_from("sh")', true],
  ['descends_from("sshd")', true],
  ['descends_from("exactly15 bytes")', true],
  ['descends_from("init") && descends_from(1)', true],
  ["descends_from(9) && descends_from(8)", true],
  ['descends_from("own") || descends_from(10) || descends_from(11)', false],
  ['descends_from("ssh") || descends_from("sshd2") || descends_from("a thread")', false],
  ['descends_from("exactly15 bytes!")', false],
  ['descends_from("swapper") || descends_from("")', false],
  ['!descends_from("nginx") && !(descends_from(2) && descends_from(1))', true],
];

for (const machine of ALL)
  for (const [filter, isMeant] of ANCESTORS)
    test(`${machine}: ${filter}`, () => {
      for (const when of ["before", "after"])
        assert.equal(matches(log(filter, `when = ${when}`), machine, FAMILY), isMeant ? 1 : 0);
    });

test("any number of ancestors can be asked for, by one rule or by many", () => {
  const names = Array.from({ length: 130 }, (_, i) => `name${i}`);
  const any = names.map((name) => `descends_from("${name}")`).join(" || ");
  const each = names.map((name, i) =>
    log(`descends_from("${name}")`).replace("rule_name = log", `rule_name = r${i}`),
  );
  for (const name of ["name0", "name55", "name56", "name129"]) {
    assert.equal(matches(log(any), "tracepoints", { pcomm: name }), 1, name);
    const simulation = new Simulation(
      checked(each.join("\n")),
      MACHINES.hooks,
      {},
      { pcomm: name },
    );
    const [event] = eventsOf(simulation, simulation.call({ name: "unlink", nr: 87, args: ["/x"] }));
    assert.equal(event?.rule, `r${name.slice(4)}`);
  }
  assert.equal(matches(log(any), "tracepoints", { pcomm: "name130" }), 0);
});

test("a chain of ancestors that does not end is unreadable, and what was found in it counts", () => {
  const ancestors = Array.from({ length: 300 }, (_, i) => [1000 + i, `p${i}`] as const);
  const caller = { ancestors };
  for (const [filter, choice, count] of [
    ['descends_from("p200")', "skip", 1],
    ['descends_from("p299")', "skip", 0],
    ['descends_from("p299")', "match", 1],
    ['!descends_from("p299")', "skip", 0],
    ['descends_from("p299") || UID == 0', "skip", 1],
  ] as const) {
    const rule = log(filter, `on_unreadable = ${choice}`);
    assert.equal(matches(rule, "tracepoints", caller), count, `${filter} ${choice}`);
  }
});

const FORMAT = "%caps|%pidns|%mntns|%nspid|%cgroup|%container";

for (const machine of ALL)
  test(`${machine}: a line shows them all, of a rule that asks for none`, () => {
    const line = (caller: Partial<SimulatedCaller>, more = ""): unknown => {
      const rule = `rule { syscall_name = unlink ${more} action { type = LOG log_format {${FORMAT}} } }`;
      const simulation = new Simulation(checked(rule), MACHINES[machine], {}, caller);
      const outcome = simulation.call({ name: "unlink", nr: 87, args: ["/x"] });
      return eventsOf(simulation, outcome)[0]?.message;
    };
    const caller = {
      ...{ caps: (1n << 64n) - 1n, pidns: 4026532001, mntns: 4026532002, pids: [4242, 5] },
      ...{ cgroupId: 1n << 40n, cgroup: `/docker/${ID}` },
    };
    const shown = `18446744073709551615|4026532001|4026532002|5|1099511627776|"${ID}"`;
    for (const more of [
      "",
      "when = after",
      'filter_expression { CONTAINER != "" }',
      'filter_expression { PARAMS[1] == "/x" && CAPS }',
    ])
      assert.equal(line(caller, more), shown, more);
    assert.equal(line({}), '0|4026531836|4026531841|4242|77|""');
  });

test("a kernel that has no types for a variable refuses it, and nothing else", () => {
  const { groups: _, ...facts } = KERNEL_FACTS;
  const { CGROUP: __, ...walks } = facts.walks;
  const machine = { ...MACHINES.hooks, facts: { ...facts, walks } };
  const rules = checked(
    `${log('CONTAINER == "" && CAPS')} ${log("CGROUP == 1").replace("= log", "= more")}
     rule { syscall_name = rmdir action { type = LOG log_format {%container %mntns} } }`,
  );
  assert.deepEqual(
    unsupportedBy(rules, machine).map(({ message }) => message),
    ["CONTAINER", "CGROUP", "%container"].map(
      (what) => `${what} cannot be read here: this kernel has no types for it`,
    ),
  );
  assert.deepEqual(unsupportedBy(rules, undefined), []);
});
