/** Members of structs in filters and lines, through the life of calls on each kind of machine, in the interpreter. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGE_SIZE } from "../base/linux-abi.ts";
import { MACHINES } from "./testing/machines.ts";
import { UNMAPPED } from "./testing/process-memory.ts";
import { checked, linesOf, logRule } from "./testing/rules.ts";
import { type Argument, type SimulatedCall, Simulation } from "./testing/simulation.ts";
import { inet6Address, inetAddress, unixAddress, words } from "./testing/structs.ts";

type MachineName = keyof typeof MACHINES;
const ALL = Object.keys(MACHINES) as MachineName[];
const DECIDES_LATE = ALL.filter((name) => MACHINES[name].hookKind !== undefined);
const EACCES = -13n;

function simulate(rules: string, machine: MachineName): Simulation {
  return new Simulation(checked(rules), MACHINES[machine]);
}

const connect = (address: Argument, more: Partial<SimulatedCall> = {}): SimulatedCall => ({
  name: "connect",
  nr: 42,
  args: [3, address, 16],
  hooks: hooksOf(contentOf(address)),
  ...more,
});

function contentOf(address: Argument): Uint8Array | undefined {
  const isUntouched = typeof address === "object" && "untouched" in address;
  const content = isUntouched ? address.untouched : address;
  return content instanceof Uint8Array ? content : undefined;
}

/** The kernel has copied the address; what it cannot read reaches no hook. */
function hooksOf(copied: Uint8Array | undefined): NonNullable<SimulatedCall["hooks"]> {
  if (copied === undefined) return [];
  return [["socket_connect", (o) => [0n, o.copy(copied), BigInt(copied.length)]]];
}

const LOCAL = inetAddress("7f000001", 8080);
const LOOPBACK = inet6Address(`${"0".repeat(31)}1`, 443);
const ANY = "%param2.addr:%param2.port %param2.sa_family{symbolic} %param2.sun_path";

for (const machine of ALL) {
  test(`${machine}: a text that the filter looks at is shown as often as lines ask`, () => {
    const format = "%param2.sun_path %param2.sun_path{symbolic} %param2.sun_path";
    const simulation = simulate(logRule("connect", 'PARAMS[2].sun_path == "/x"', format), machine);
    const call = connect(unixAddress("/x"));
    assert.deepEqual(linesOf(simulation, simulation.call(call)), [['"/x" "/x" "/x"']]);
  });

  test(`${machine}: what a rule looks at besides is asked before memory is read`, () => {
    const rules = logRule("connect", "PARAMS[2].port == 8080 && UID == 5", "%param2.port");
    const simulation = simulate(rules, machine);
    assert.deepEqual(linesOf(simulation, simulation.call(connect({ untouched: LOCAL }))), []);
    simulation.enter({ ids: { uid: 5 } });
    assert.equal(simulation.call(connect({ untouched: LOCAL })).records.length, 1);
  });

  test(`${machine}: an address is shown as the filter saw it`, () => {
    const filter = "PARAMS[2].addr in (127.0.0.0/8, ::1) && PARAMS[2].port in (8080, 443)";
    const simulation = simulate(logRule("connect", filter, ANY), machine);
    const lines = (address: Argument): unknown =>
      linesOf(simulation, simulation.call(connect(address)));
    const [[local] = []] = lines(LOCAL) as string[][];
    assert.match(String(local), /^127\.0\.0\.1:8080 AF_INET "/);
    const [[loopback] = []] = lines(LOOPBACK) as string[][];
    assert.match(String(loopback), /^::1:443 AF_INET6 "/);
    assert.deepEqual(lines(inetAddress("0a000001", 8080)), []);
    assert.deepEqual(lines(inetAddress("7f000001", 81)), []);
  });

  test(`${machine}: a socket of another family has no address`, () => {
    const rules = logRule("connect", "PARAMS[2].addr != 10.0.0.1", "%param2.addr %param2.sun_path");
    const simulation = simulate(rules, machine);
    const call = connect(unixAddress("/run/x"));
    assert.deepEqual(linesOf(simulation, simulation.call(call)), [['(none) "/run/x"']]);
  });

  test(`${machine}: a struct that is not there yet is decided on later, and never twice`, () => {
    const simulation = simulate(
      logRule("connect", "PARAMS[2].port == 8080", "%param2.addr"),
      machine,
    );
    const late = connect({ untouched: LOCAL });
    assert.deepEqual(linesOf(simulation, simulation.call(late)), [["127.0.0.1", "late"]]);
    const other = connect({ untouched: inetAddress("7f000001", 81) });
    assert.deepEqual(linesOf(simulation, simulation.call(other)), []);
  });

  test(`${machine}: a line waits for a struct that no filter asks for`, () => {
    const simulation = simulate(logRule("connect", "UID == 0", "%param2.port"), machine);
    const late = connect({ untouched: LOCAL });
    assert.deepEqual(linesOf(simulation, simulation.call(late)), [["8080", "late"]]);
  });

  test(`${machine}: a text of a struct that is not there yet is shown when it is`, () => {
    const filter = 'PARAMS[2].sun_path startswith "/run/"';
    const simulation = simulate(logRule("connect", filter, "%param2.sun_path"), machine);
    const late = connect({ untouched: unixAddress("/run/x") });
    assert.deepEqual(linesOf(simulation, simulation.call(late)), [['"/run/x"', "late"]]);
  });

  test(`${machine}: what cannot be read counts as a match, and is said to be unreadable`, () => {
    for (const [choice, count] of [
      ["match", 1],
      ["skip", 0],
    ] as const)
      for (const pointer of [UNMAPPED, 0n])
        for (const filter of [
          "PARAMS[2].port == 8080",
          "PARAMS[2].addr in 127.0.0.0/8",
          'PARAMS[2].sun_path == "/x"',
          '!(PARAMS[2].sun_path == "/x") && UID == 0',
        ]) {
          const more = `on_unreadable = ${choice}`;
          const simulation = simulate(logRule("connect", filter, "%param2.port", more), machine);
          const outcome = simulation.call(connect(pointer, { retval: -14n }));
          const lines = linesOf(simulation, outcome);
          assert.equal(lines.length, count, `${filter} ${pointer}`);
          if (count === 1) assert.deepEqual(lines[0]?.toSorted().slice(0, 1), ["(unreadable)"]);
          assert.equal(
            simulation.call(connect(inetAddress("0a000001", 1))).records.length,
            filter.startsWith("!") ? 1 : 0,
          );
        }
  });

  test(`${machine}: a struct of which only the beginning can be read`, () => {
    const rules = `${logRule("connect", "PARAMS[2].port == 8080", "%param2.addr", "continue = yes on_unreadable = skip")}
      ${logRule("connect", "PARAMS[2].addr in 0.0.0.0/0", "no", "on_unreadable = skip")}`;
    const simulation = simulate(rules, machine);
    const page = new Uint8Array(PAGE_SIZE);
    page.set(LOCAL.subarray(0, 4), PAGE_SIZE - 4);
    // the page of the next argument is never touched
    const address =
      simulation.memory.place(page.subarray(0, PAGE_SIZE - 1)) + BigInt(PAGE_SIZE - 4);
    simulation.memory.readable(address, 4).set(LOCAL.subarray(0, 4));
    const outcome = simulation.call(connect(address));
    assert.deepEqual(
      linesOf(simulation, outcome).map((one) => one[0]),
      ["(unreadable)"],
    );
  });

  test(`${machine}: what a call writes is what its after rule sees`, () => {
    const filter = "PARAMS[2].st_size == 4096 && PARAMS[2].st_mode & 040000";
    const rules = logRule("fstat", filter, "%param2.st_size %param2.st_uid", "when = after");
    const simulation = simulate(rules, machine);
    const buffer = simulation.memory.place(new Uint8Array(144));
    const stat = words([1, 2, 3, (7n << 32n) | 0o40755n, 8, 0, 4096]);
    const call: SimulatedCall = {
      name: "fstat",
      nr: 5,
      args: [3, buffer],
      does: () => simulation.memory.readable(buffer, 144).set(stat),
    };
    assert.deepEqual(linesOf(simulation, simulation.call(call)), [["4096 7"]]);
  });

  test(`${machine}: a text that a call writes over is seen by rules of both moments`, () => {
    const named = (name: string, when: string, value: string): string =>
      logRule(
        "uname",
        `PARAMS[1].nodename == "${value}"`,
        `${name} %param1.nodename`,
        `when = ${when} rule_name = ${name}`,
      );
    const rules = `${named("a", "before", "old")} ${named("b", "after", "new")} ${named("c", "after", "old")}`;
    const simulation = simulate(rules, machine);
    const names = (text: string): Uint8Array => {
      const bytes = Buffer.alloc(390);
      bytes.write(text, 65);
      return bytes;
    };
    const buffer = simulation.memory.place(names("old"));
    const call: SimulatedCall = {
      name: "uname",
      nr: 63,
      args: [buffer],
      does: () => simulation.memory.readable(buffer, 390).set(names("new")),
    };
    assert.deepEqual(linesOf(simulation, simulation.call(call)), [['a "old"'], ['b "new"']]);
  });

  test(`${machine}: text that fills its member ends there`, () => {
    const name = "x".repeat(65);
    const rules = logRule("uname", `PARAMS[1].sysname == "${name}"`, "%param1.sysname");
    const simulation = simulate(rules, machine);
    const call = { name: "uname", nr: 63, args: [Buffer.alloc(390, "x")] };
    assert.deepEqual(linesOf(simulation, simulation.call(call)), [[`"${name}"`]]);
  });

  test(`${machine}: a member that points to text`, () => {
    const filter = 'PARAMS[2].license == "GPL"';
    const simulation = simulate(logRule("bpf", filter, "%param2.license"), machine);
    const lines = (pointer: bigint): unknown => {
      const args = [5, words([0, 0, pointer, 0]), 32];
      return linesOf(simulation, simulation.call({ name: "bpf", nr: 321, args }));
    };
    assert.deepEqual(lines(simulation.memory.place(Buffer.from("GPL\0"))), [['"GPL"']]);
    assert.deepEqual(lines(simulation.memory.place(Buffer.from("MIT\0"))), []);
    // a NULL in it is no text
    assert.deepEqual(lines(0n), []);
    const late = simulation.memory.place(Buffer.from("GPL\0"), true);
    assert.deepEqual(lines(late), [['"GPL"', "late"]]);
  });

  test(`${machine}: a struct that the call works without has no members`, () => {
    const rules = `${logRule("sendto", "PARAMS[5].port == 8080 || !(PARAMS[5].addr in 0.0.0.0/0) && PARAMS[3] == 7", "%sname %param5.port %param5.addr")}`;
    const simulation = simulate(rules, machine);
    const send = (length: number, address: Argument): unknown =>
      linesOf(
        simulation,
        simulation.call({ name: "sendto", nr: 44, args: [3, "x", length, 0, address, 16] }),
      );
    assert.deepEqual(send(1, LOCAL), [["sendto 8080 127.0.0.1"]]);
    assert.deepEqual(send(1, 0), []);
    assert.deepEqual(send(7, 0), [["sendto (none) (none)"]]);
    const args = [9, words([3, 0, 7, 0], 4)];
    const call = { name: "socketcall", nr: 102, abi: "i386", args } as const;
    assert.deepEqual(linesOf(simulation, simulation.call(call)), [["socketcall (none) (none)"]]);
  });

  test(`${machine}: 32-bit programs have their own layouts, and pointers of 32 bits`, () => {
    const simulation = simulate(
      `${logRule("setrlimit", "PARAMS[2].rlim_max == 7", "%abi %param2.rlim_cur")}
       ${logRule("connect", "PARAMS[2].port == 8080", "%abi %param2.addr")}`,
      machine,
    );
    const limits = words([-1, 7], 4);
    const call = (name: string, nr: number, args: readonly Argument[]): unknown =>
      linesOf(simulation, simulation.call({ name, nr, abi: "i386", args }));
    assert.deepEqual(call("setrlimit", 75, [7, limits]), [["i386 -1"]]);
    const junk = simulation.memory.place(LOCAL) | (5n << 32n);
    assert.deepEqual(call("connect", 362, [3, junk, 16]), [["i386 127.0.0.1"]]);
    const at = simulation.memory.place(LOCAL);
    assert.deepEqual(call("socketcall", 102, [3, words([3, at, 16], 4)]), [["i386 127.0.0.1"]]);
  });
}

const FAIL = `rule { syscall_name = connect filter_expression { PARAMS[2].addr in 127.0.0.0/8 && PARAMS[2].port == 8080 }
  action { type = FAIL error_code = EACCES } }`;

for (const machine of ALL.filter((name) => name !== "tracepoints")) {
  test(`${machine}: FAIL by an address`, () => {
    const simulation = simulate(FAIL, machine);
    assert.equal(simulation.call(connect(LOCAL)).retval, EACCES);
    assert.equal(simulation.call(connect(inetAddress("7f000001", 81))).isMade, true);
    assert.equal(simulation.call(connect(unixAddress("/x"))).isMade, true);
  });
}

for (const machine of ["modifies", "overrides"] as const)
  test(`${machine}: a struct that cannot be read is denied where nothing decides later`, () => {
    assert.equal(simulate(FAIL, machine).call(connect(UNMAPPED)).retval, EACCES);
  });

for (const machine of DECIDES_LATE)
  test(`${machine}: an address that is not there yet is decided on in the hook`, () => {
    const simulation = simulate(FAIL, machine);
    assert.equal(simulation.call(connect({ untouched: LOCAL })).retval, EACCES);
    assert.equal(
      simulation.call(connect({ untouched: inetAddress("0a000001", 8080) })).isMade,
      true,
    );
  });

for (const machine of DECIDES_LATE) {
  /** The caller's memory has one address when the call begins, the kernel has copied another. */
  const swapped = (given: Uint8Array, copied: Uint8Array): SimulatedCall =>
    connect(given, { hooks: hooksOf(copied) });
  const other = inetAddress("0a000001", 8080);

  test(`${machine}: FAIL by an address is decided on the kernel's copy, and its line shows that`, () => {
    const simulation = simulate(
      FAIL.replace("action", "action { type = LOG log_format {%param2.addr %param2.port} } action"),
      machine,
    );
    const denied = simulation.call(swapped(other, LOCAL));
    assert.equal(denied.retval, EACCES);
    assert.deepEqual(linesOf(simulation, denied), [["127.0.0.1 8080", "call-skipped"]]);
    const made = simulation.call(swapped(LOCAL, other));
    assert.equal(made.isMade, true);
    assert.deepEqual(made.records, []);
  });

  test(`${machine}: FAIL by the text of an address is decided on the kernel's copy`, () => {
    const rule = `rule { syscall_name = connect filter_expression { PARAMS[2].sun_path == "/x" }
      action { type = LOG log_format {%param2.sun_path} } action { type = FAIL error_code = EACCES } }`;
    const simulation = simulate(rule, machine);
    const denied = simulation.call(swapped(unixAddress("/y"), unixAddress("/x")));
    assert.deepEqual(linesOf(simulation, denied), [['"/x"', "call-skipped"]]);
    assert.equal(simulation.call(swapped(unixAddress("/x"), unixAddress("/y"))).isMade, true);
    // as long as the call says
    const short = unixAddress("/xyz").subarray(0, 4);
    assert.equal(simulation.call(swapped(unixAddress("/y"), short)).retval, EACCES);
  });

  test(`${machine}: members behind the end of the address are not there`, () => {
    const rule = `rule { syscall_name = connect filter_expression { PARAMS[2].port == 8080 || PARAMS[2].addr in 0.0.0.0/0 }
      action { type = FAIL error_code = EACCES } }`;
    const simulation = simulate(rule, machine);
    assert.equal(simulation.call(swapped(LOCAL, LOCAL.subarray(0, 4))).retval, EACCES);
    assert.equal(simulation.call(swapped(LOCAL, LOCAL.subarray(0, 3))).isMade, true);
    assert.equal(
      simulation.call(swapped(other, inetAddress("0a000001", 1).subarray(0, 7))).isMade,
      true,
    );
  });

  test(`${machine}: a connect that the kernel refuses before is reported with what the caller gave`, () => {
    const rule = FAIL.replace("action", "action { type = LOG log_format {%param2.port} } action");
    const simulation = simulate(rule, machine);
    const outcome = simulation.call(connect(LOCAL, { hooks: [], retval: -9n }));
    assert.deepEqual(linesOf(simulation, outcome), [["8080", "late", "call-done"]]);
  });
}

test("what is decided on the kernel's copy alone is known", () => {
  const onCopy = (rule: string, machine: MachineName = "hooks"): unknown =>
    simulate(rule, machine).compiled.enforcement.map((one) => [one.call, one.abi, one.onCopy]);
  const fail = (call: string, filter: string): string =>
    `rule { syscall_name = ${call} syscall_match = exact filter_expression { ${filter} } action { type = FAIL error_code = EACCES } }`;
  const both = (call: string, isCopied: boolean): unknown => [
    [call, "x86_64", isCopied],
    [call, "i386", isCopied],
  ];
  const port = "PARAMS[2].port == 80";
  assert.deepEqual(onCopy(fail("connect", `${port} && UID == 0`)), both("connect", true));
  assert.deepEqual(onCopy(fail("bind", 'PARAMS[2].sun_path == "/x"')), both("bind", true));
  assert.deepEqual(onCopy(fail("connect", "UID == 0")), both("connect", false));
  assert.deepEqual(onCopy(fail("sendto", "PARAMS[5].port == 80")), both("sendto", false));
  assert.deepEqual(onCopy(fail("connect", port), "modifies"), both("connect", false));
});
