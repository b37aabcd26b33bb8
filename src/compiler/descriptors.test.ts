/** FD[n] through the life of a call on each kind of machine, in the interpreter: what is open, and what hostile memory makes of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KERNEL_FACTS } from "./testing/kernel-facts.ts";
import { MACHINES } from "./testing/machines.ts";
import { OpenFileMode, OpenFileObjects, type SimulatedFile } from "./testing/open-files.ts";
import { checked, eventsOf } from "./testing/rules.ts";
import { type SimulatedCall, Simulation } from "./testing/simulation.ts";

type MachineName = keyof typeof MACHINES;
const ALL = Object.keys(MACHINES) as MachineName[];

const V6 = "20010db8000000000000000000000001";
const MAPPED = "00000000000000000000ffff0a010203";
const socket = (
  family: number,
  state: number,
  port: number,
  address: string,
): Partial<SimulatedFile> => ({
  mode: OpenFileMode.socket,
  socket: { family, state, port, address },
});

const FILES: ReadonlyMap<number, SimulatedFile> = new Map<number, SimulatedFile>([
  [0, { name: "/dev/pts/3", mode: OpenFileMode.chr, device: [136, 3], flags: 2 }],
  [1, { name: "/var/log/x.log", flags: 0o102001 }],
  [2, { name: "pipe:[77]", mode: OpenFileMode.pipe, flags: 1, isClosedOnExec: true }],
  [3, { name: "/tmp", mode: OpenFileMode.dir, flags: 0o2300000, isClosedOnExec: true }],
  [4, { name: "/dev/sda", mode: OpenFileMode.blk, device: [8, 0] }],
  [5, { name: "/dev/null", mode: OpenFileMode.chr, device: [1, 3] }],
  [6, { name: "/tmp/link", mode: OpenFileMode.link, flags: 0o10000000 }],
  [7, { name: "memfd:data" }],
  [8, { name: "anon_inode:[eventfd]", flags: 2 }],
  [9, { name: "anon_inode:[eventpoll]", flags: 2 }],
  [10, { name: "anon_inode:inotify", mode: 0 }],
  [11, { name: "pidfs:[1]" }],
  [12, { name: "socket:[5]", ...socket(2, 1, 8080, "7f000001") }],
  [13, { name: "socket:[6]", ...socket(10, 1, 443, V6) }],
  [14, { name: "socket:[7]", ...socket(10, 8, 443, MAPPED) }],
  [15, { name: "socket:[8]", ...socket(2, 7, 8080, "7f000001") }],
  [16, { name: "socket:[9]", ...socket(2, 2, 8080, "7f000001") }],
  [17, { name: "socket:[10]", ...socket(2, 10, 0, "00000000") }],
  [18, { name: "socket:[11]", ...socket(1, 1, 8080, "7f000001") }],
  [19, { name: "/run/x.sock", mode: OpenFileMode.socket }],
  [20, { name: "/nowhere", broken: "inode" }],
  [21, { name: "socket:[12]", ...socket(2, 1, 8080, "7f000001"), broken: "socket" }],
  [22, { name: "nsfs:[4026531840]" }],
  [63, { name: "/last" }],
]);

const WRITE: SimulatedCall = { name: "write", nr: 1 };

function simulate(rules: string, machine: MachineName): Simulation {
  const simulation = new Simulation(checked(rules), MACHINES[machine], {});
  const { kernel, objects } = simulation;
  new OpenFileObjects(kernel.memory, KERNEL_FACTS, objects).open(kernel.task, FILES);
  return simulation;
}

const log = (filter: string, more = ""): string =>
  `rule { syscall_name = write syscall_match = exact ${more} filter_expression { ${filter} } action { type = LOG } }`;

/** Which descriptors the rule matches. */
function matching(filter: string, machine: MachineName, more = ""): number[] {
  const simulation = simulate(log(filter, more), machine);
  return [...FILES.keys(), 40, 64, 1e9, -1, -100].filter(
    (fd) => simulation.call({ ...WRITE, args: [fd, "x", 1] }).records.length > 0,
  );
}

const TABLE: readonly (readonly [filter: string, fds: readonly number[]])[] = [
  ['FD[1].type == "tty"', [0]],
  ['FD[1].type == "file"', [1, 63]],
  ['FD[1].type in ("pipe", "dir")', [2, 3]],
  ['FD[1].type == ("blk", "chr", "link")', [4, 5, 6]],
  ['FD[1].type == "memfd"', [7]],
  ['FD[1].type matches "e*"', [8, 9]],
  ['FD[1].type == "inotify" || FD[1].type == "pidfd"', [10, 11]],
  ['FD[1].type == "namespace"', [22]],
  ['FD[1].type == "socket"', [12, 13, 14, 15, 16, 17, 18, 19, 21]],
  ['FD[1].path == "/var/log/x.log"', [1]],
  ['FD[1].path startswith "/dev/"', [0, 4, 5]],
  ['FD[1].path =~ "^pipe:.77.$"', [2]],
  ['FD[1].path == "anon_inode:[pidfd]"', [11]],
  ["FD[1].flags & O_CLOEXEC", [2, 3]],
  ["(FD[1].flags & O_ACCMODE) == O_WRONLY", [1, 2]],
  ["FD[1].flags & O_PATH", [6]],
  ["FD[1].port == 8080", [12]],
  ["FD[1].port in (400..500)", [13, 14]],
  ["FD[1].addr in 127.0.0.0/8", [12]],
  ["FD[1].addr in (10.0.0.0/8, 2001:db8::/32)", [13, 14]],
  ["FD[1].addr != 10.1.2.3 && FD[1].port > 0", [12, 13]],
  ['!(FD[1].addr in 0.0.0.0/0) && FD[1].type == "socket" && FD[1].port > 0', [13]],
];

for (const machine of ALL)
  for (const [filter, fds] of TABLE)
    test(`${machine}: ${filter}`, () => {
      for (const more of ["", "when = after"])
        assert.deepEqual(matching(filter, machine, `${more} on_unreadable = skip`), fds, more);
    });

test("what leads nowhere is unreadable, and what is not open is no match", () => {
  for (const machine of ALL) {
    assert.deepEqual(matching('FD[1].type == "?"', machine), [20], machine);
    assert.deepEqual(matching("FD[1].port == 1", machine), [20, 21], machine);
    assert.deepEqual(matching("FD[1].addr == 1.1.1.1", machine), [20, 21], machine);
    assert.deepEqual(matching('FD[1].path == "?"', machine), [22], machine);
    assert.deepEqual(matching("FD[1].flags == 12345", machine), [], machine);
  }
});

test("a call that closes its descriptor is decided on what that was", () => {
  const rule = `rule { syscall_name = close when = after filter_expression { FD[1].type == "pipe" && FD[1].flags & O_CLOEXEC }
    action { type = LOG log_format {%fd1|%fd1.type|%fd1.flags|%fd1.flags{symbolic}|%fd1.addr|%fd1.port} } }`;
  for (const machine of ALL) {
    const simulation = simulate(rule, machine);
    const { kernel, objects } = simulation;
    const closes = (): void =>
      new OpenFileObjects(kernel.memory, KERNEL_FACTS, objects).open(kernel.task, new Map());
    const outcome = simulation.call({ name: "close", nr: 3, args: [2], does: closes });
    const [event] = eventsOf(simulation, outcome);
    const shown = '"pipe:[77]"|"pipe"|524289|O_WRONLY|O_CLOEXEC|(none)|(none)';
    assert.equal(event?.message, shown, machine);
  }
});

test("lines show addresses of either family", () => {
  const rule = `rule { syscall_name = write action { type = LOG log_format {%fd1.type %fd1.addr %fd1.port} } }`;
  const simulation = simulate(rule, "tracepoints");
  const lines = [12, 13, 14, 1, 40, 20].map((fd) => {
    const outcome = simulation.call({ ...WRITE, args: [fd, "x", 1] });
    return eventsOf(simulation, outcome)[0]?.message;
  });
  assert.deepEqual(lines, [
    '"socket" 127.0.0.1 8080',
    '"socket" 2001:db8::1 443',
    '"socket" 10.1.2.3 443',
    '"file" (none) (none)',
    "(none) (none) (none)",
    "(unreadable) (unreadable) (unreadable)",
  ]);
});

test("AT_FDCWD is the working directory of calls that take a directory, 32-bit ones as well", () => {
  const rule = `rule { syscall_name = openat syscall_match = exact filter_expression { FD[1].type == "dir" }
    action { type = LOG log_format {%fd1 %fd1.flags} } }`;
  for (const [abi, nr] of [
    ["x86_64", 257],
    ["i386", 295],
  ] as const) {
    const simulation = simulate(rule, "tracepoints");
    const lines = [-100, 3, 1, -1].map((fd) => {
      const outcome = simulation.call({ name: "openat", nr, abi, args: [fd, "x", 0] });
      return eventsOf(simulation, outcome)[0]?.message;
    });
    assert.deepEqual(lines, ['"/tmp" (none)', '"/tmp" 622592', undefined, undefined], abi);
  }
});

test("a 32-bit call whose descriptor lies in memory is decided where it can be read", () => {
  const rule = `rule { syscall_name = sendto filter_expression { FD[1].port == 8080 } action { type = LOG log_format {%sname %fd1.port} } }`;
  for (const isUntouched of [false, true]) {
    const simulation = simulate(rule, "tracepoints");
    const words = new Uint8Array(new Uint32Array([12, 0, 0, 0, 0, 0]).buffer);
    const args = [11, isUntouched ? { untouched: words } : words];
    const outcome = simulation.call({ name: "socketcall", nr: 102, abi: "i386", args });
    const [event] = eventsOf(simulation, outcome);
    assert.equal(event?.message, "socketcall 8080");
  }
});

test("a rule that denies by what is open denies before the call", () => {
  const rule = `rule { syscall_name = write filter_expression { FD[1].path == "/var/log/x.log" }
    action { type = FAIL error_code = EPERM } }`;
  const simulation = simulate(rule, "modifies");
  const results = [1, 2, 40].map((fd) => simulation.call({ ...WRITE, args: [fd, "x", 1] }).retval);
  assert.deepEqual(results, [-1n, 0n, 0n]);
});
