/** Buffers and lists of strings through the life of calls, in the interpreter; memory of callers may be anything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MACHINES } from "./testing/machines.ts";
import { UNMAPPED } from "./testing/process-memory.ts";
import { checked, eventsOf } from "./testing/rules.ts";
import { type SimulatedCall, Simulation } from "./testing/simulation.ts";
import { words } from "./testing/structs.ts";

const rule = (filter: string, more = "", format = ""): string =>
  `rule { ${more} filter_expression { ${filter} } action { type = LOG ${format} } }`;

/** What came of calls, one after the other: lines or flags of events, or nothing. */
function linesOf(text: string, calls: readonly SimulatedCall[], machine = MACHINES.tracepoints) {
  const simulation = new Simulation(checked(text), machine);
  return calls.map((call) =>
    eventsOf(simulation, simulation.call(call))
      .map(({ message, flags }) => [message, ...flags].join(" "))
      .join("|"),
  );
}

const write = (...args: NonNullable<SimulatedCall["args"]>): SimulatedCall => ({
  name: "write",
  nr: 1,
  args: [1, ...args],
});
const WRITE = "syscall_name = write";
const SHOWN = "log_format {%param2}";

for (const [name, machine] of Object.entries(MACHINES)) {
  test(`${name}: the bytes of a buffer are as many as the call says, NUL among them`, () => {
    const text = rule('PARAMS[2] contains "b\\x00c"', WRITE, SHOWN);
    assert.deepEqual(
      linesOf(text, [write("ab\0cd", 5), write("ab\0cd", 4), write("ab\0cd", 3)], machine),
      ['"ab\\0cd"', '"ab\\0c"', ""],
    );
  });

  test(`${name}: a buffer that was never touched is decided on later`, () => {
    const text = rule('PARAMS[2] == "secret"', WRITE, SHOWN);
    const untouched = { untouched: "secret" };
    assert.deepEqual(linesOf(text, [write(untouched, 6), write(untouched, 5)], machine), [
      '"secret" late',
      "",
    ]);
  });
}

for (const [name, machine] of Object.entries(MACHINES)) {
  test(`${name}: a buffer whose second page was never touched is read when it is there`, () => {
    const text = rule('PARAMS[2] contains "needle"', WRITE, SHOWN);
    const across = { across: "key: needle", inFirstPage: 7, rest: "untouched" } as const;
    const other = { across: "key: beetle", inFirstPage: 7, rest: "untouched" } as const;
    assert.deepEqual(linesOf(text, [write(across, 11), write(other, 11)], machine), [
      '"key: needle" late',
      "",
    ]);
  });
}

test("of a buffer whose end cannot be read, what lies in its first page decides where it can", () => {
  const across = { across: "needle: x", inFirstPage: 6, rest: "unmapped" } as const;
  const many = (first: string): string =>
    Array.from({ length: 70 }, (_, i) => `"${i === 69 ? first : `x${i}`}"`).join();
  for (const [filter, expected] of [
    ['PARAMS[2] contains "needle"', "match"],
    ['PARAMS[2] contains ("x", "edl")', "match"],
    ['PARAMS[2] contains "x"', "open"],
    ['PARAMS[2] startswith "need"', "match"],
    ['PARAMS[2] startswith "eed"', "no"],
    ['PARAMS[2] startswith "needle: "', "open"],
    ['PARAMS[2] startswith ("x", "need")', "match"],
    ['PARAMS[2] startswith ("x", "y")', "no"],
    ['PARAMS[2] startswith ("x", "needle: ")', "open"],
    ['PARAMS[2] startswith ("needle: ", "x") || PARAMS[2] startswith "ne"', "match"],
    ['PARAMS[2] == "needle"', "no"],
    ['PARAMS[2] == "needle: x"', "open"],
    ['PARAMS[2] != "x"', "match"],
    ['PARAMS[2] in ("needle", "x")', "no"],
    ['PARAMS[2] in ("needle", "needle: x")', "open"],
    [`PARAMS[2] in (${many("needle")})`, "no"],
    [`PARAMS[2] in (${many("needle: x")})`, "open"],
    ['PARAMS[2] endswith "x"', "open"],
    ['PARAMS[2] =~ "^n"', "open"],
  ] as const) {
    const [matched, skipped] = ["match", "skip"].map((choice) =>
      linesOf(rule(filter, `${WRITE} on_unreadable = ${choice}`, SHOWN), [write(across, 9)]).join(),
    );
    const found = skipped !== "" ? "match" : matched === "" ? "no" : "open";
    assert.equal(found, expected, filter);
    if (matched !== "") assert.match(matched ?? "", /^"needle"\.\.\. .*truncated/);
  }
});

test("equality, order and lists count every byte", () => {
  for (const [filter, isMeant] of [
    ['PARAMS[2] == "a\\x00b"', true],
    ['PARAMS[2] == "a"', false],
    ['PARAMS[2] != "a"', true],
    ['PARAMS[2] > "a"', true],
    ['PARAMS[2] in ("x", "a\\x00b")', true],
    ['PARAMS[2] startswith "a\\x00"', true],
    ['PARAMS[2] endswith "\\x00b"', true],
    ['PARAMS[2] matches "a?b"', true],
    ['PARAMS[2] icontains "\\x00B"', true],
    [`PARAMS[2] in (${Array.from({ length: 70 }, (_, i) => `"x${i}"`).join()}, "a\\x00b")`, true],
  ] as const)
    assert.deepEqual(linesOf(rule(filter, WRITE, SHOWN), [write("a\0b", 3)]), [
      isMeant ? '"a\\0b"' : "",
    ]);
});

test("of a buffer that is longer than what is read, its beginning decides where it can", () => {
  const long = `needle${"x".repeat(5000)}needles`;
  for (const [filter, expected] of [
    ['PARAMS[2] contains "needle"', "match"],
    ['PARAMS[2] contains "needles"', "open"],
    ['PARAMS[2] contains ("needles", "NEEDLE", "edl")', "match"],
    ['PARAMS[2] icontains ("needles", "other")', "open"],
    ['PARAMS[2] contains "needles" || PARAMS[2] contains "nee"', "match"],
    ['PARAMS[2] startswith "need"', "match"],
    ['PARAMS[2] startswith "eed"', "no"],
    ['PARAMS[2] == "needle"', "no"],
    ['PARAMS[2] != "needle"', "match"],
    ['PARAMS[2] in ("needle", "x")', "no"],
    ['PARAMS[2] endswith "x"', "open"],
    ['PARAMS[2] matches "needle**"', "open"],
  ] as const) {
    const [matched, skipped] = ["match", "skip"].map((choice) =>
      linesOf(rule(filter, `${WRITE} on_unreadable = ${choice}`, "log_format {%param3}"), [
        write(long, long.length),
      ]).join(),
    );
    const found = skipped !== "" ? "match" : matched === "" ? "no" : "open";
    assert.equal(found, expected, filter);
  }
});

test("a length or an address that makes no sense is unreadable, or nothing", () => {
  const text = rule('PARAMS[2] != "x"', WRITE, "log_format {x}");
  const unreadable = "x unreadable late";
  assert.deepEqual(
    linesOf(text, [
      write("abc", -1),
      write("abc", 1n << 62n),
      write(UNMAPPED, 3),
      write(-8n, 3),
      write(0, 3),
      write(UNMAPPED, 0),
    ]),
    ["x truncated", "x truncated", unreadable, unreadable, "", "x"],
  );
});

test("the elements of a vector make one buffer", () => {
  const named = {
    write: rule('PARAMS[2] contains "ssh-rsa"', WRITE, "log_format {%param2 %param3}"),
    writev: rule(
      'PARAMS[2].data contains "ssh-rsa"',
      "syscall_name = writev",
      "log_format {%param2.data}",
    ),
  };
  const writev = (args: SimulatedCall["args"], abi: "x86_64" | "i386"): SimulatedCall => ({
    ...{ name: "writev", nr: abi === "i386" ? 146 : 20, abi },
    args: [1, ...(args ?? [])],
  });
  const pieces = ["ss", "", "h-", "rsa", "x"];
  const hole = { at: UNMAPPED, length: 4 };
  const cases = [
    ["write", "x86_64"],
    ["write", "i386"],
    ["writev", "x86_64"],
    ["writev", "i386"],
  ] as const;
  for (const [name, abi] of cases)
    assert.deepEqual(
      linesOf(named[name], [
        writev([{ pieces }, 5], abi),
        writev([{ pieces }, 3], abi),
        writev([{ pieces: ["ssh-rsa", { ...hole, length: 0 }] }, 2], abi),
        writev([{ pieces: ["ssh-rsa", hole] }, 2], abi),
        // so many elements make the call fail
        writev([{ pieces }, 1025], abi),
        writev([{ pieces: [{ ...hole, length: 0xffff_ffff }] }, 1], abi),
        writev([UNMAPPED, 2], abi),
        writev([{ pieces: ["ssh-rsa", ...Array(8).fill("y".repeat(1000))] }, 9], abi),
      ]).map((line) => line.replace(/y+/, "y…")),
      [
        '"ssh-rsax" 8',
        "",
        '"ssh-rsa" 7',
        "(unreadable) 11 unreadable late",
        "(unreadable) (unreadable) unreadable late",
        "(unreadable) 2147479552 unreadable late",
        "(unreadable) (unreadable) unreadable late",
        '"ssh-rsay…"... 8007 truncated',
      ].map((line) => (name === "write" ? line : withoutLength(line))),
      `${name} ${abi}`,
    );
});

const withoutLength = (line: string): string =>
  line.replace(/^("[^"]*"(?:\.\.\.)?|\(unreadable\)) (\d+|\(unreadable\))/, "$1");

test("the bytes of a message are those of its vector", () => {
  const name = 'PARAMS[2].data == "one two"';
  const text = rule(name, "syscall_name = sendmsg", "log_format {%param2.data}");
  const after = "syscall_name = recvmsg when = after";
  const pieces = ["one", "", " two"];
  for (const abi of ["x86_64", "i386"] as const) {
    const size = abi === "i386" ? 4 : 8;
    const message = (vector: bigint | number, count: number): Uint8Array =>
      words(size === 4 ? [0, 0, vector, count, 0, 0, 0] : [0, 0, vector, count, 0, 0, 0], size);
    const sent = (simulation: Simulation, count: number, isUntouched = false): SimulatedCall => {
      const parts = pieces.flatMap((piece) => [
        simulation.memory.place(Buffer.from(piece)),
        piece.length,
      ]);
      const vector = simulation.memory.place(words(parts, size));
      const header = message(vector, count);
      return {
        ...{ name: "sendmsg", nr: abi === "i386" ? 370 : 46, abi },
        args: [3, isUntouched ? { untouched: header } : header],
      };
    };
    const lines = (simulation: Simulation, calls: readonly SimulatedCall[]): string[] =>
      calls.flatMap((call) =>
        eventsOf(simulation, simulation.call(call)).map((event) =>
          [event.message, ...event.flags].join(" "),
        ),
      );
    const simulation = new Simulation(checked(text), MACHINES.tracepoints);
    assert.deepEqual(
      lines(simulation, [
        sent(simulation, 3),
        sent(simulation, 1),
        sent(simulation, 3, true),
        { ...sent(simulation, 3), args: [3, 0] },
        { ...sent(simulation, 3), args: [3, UNMAPPED] },
      ]),
      ['"one two"', '"one two" late', "(unreadable) unreadable late"],
      abi,
    );
    const filled = new Simulation(
      checked(rule('PARAMS[2].data == "one t"', after, "log_format {%param2}")),
      MACHINES.tracepoints,
    );
    const received = { ...sent(filled, 3), name: "recvmsg", nr: abi === "i386" ? 372 : 47 };
    assert.deepEqual(
      lines(filled, [
        { ...received, retval: 5n },
        { ...received, retval: 7n },
        { ...received, retval: -11n },
      ]),
      ['"one t"'],
      abi,
    );
  }
});

test("what a call fills is known when it returns, and as much as it has filled", () => {
  const text = rule('PARAMS[2] startswith "sec"', "syscall_name = read when = after", SHOWN);
  const read = (retval: bigint, count = 100): SimulatedCall => ({
    ...{ name: "read", nr: 0, args: [3, { untouched: "secret text" }, count], retval },
  });
  assert.deepEqual(
    linesOf(text, [read(6n), read(11n), read(2n), read(0n), read(-9n), read(9n, 4)]),
    ['"secret"', '"secret text"', "", "", "", '"secr"'],
  );
});

const execve = (more: Partial<SimulatedCall>): SimulatedCall => ({
  ...{ name: "execve", nr: more.abi === "i386" ? 11 : 59, retval: -2n },
  ...more,
});
const argv = (
  list: readonly (string | bigint)[],
  more: Partial<SimulatedCall> = {},
): SimulatedCall =>
  execve({ args: ["/bin/x", { list }, { list: ["A=1", "PATH=/bin", "B="] }], ...more });
const EXECVE = "syscall_name = execve";

test("arguments are one text, each of them, and a list in a line", () => {
  for (const abi of ["x86_64", "i386"] as const)
    for (const [filter, isMeant] of [
      ['ARGV contains "--privileged"', true],
      ['ARGV == "run --privileged  x y"', true],
      ['ARGV[1] == "--privileged"', true],
      ['ARGV[2] == ""', true],
      ['ARGV[3] == "x y"', true],
      ['ARGV[4] != "z"', false],
      ['ENVP["PATH"] == "/bin"', true],
      ['ENVP["B"] == ""', true],
      ['ENVP["PAT"] != "z"', false],
      ['ENVP["A"] startswith "1"', true],
    ] as const) {
      const lines = linesOf(rule(filter, EXECVE, "log_format {%argv %argv3 %envp{A}}"), [
        argv(["run", "--privileged", "", "x y"], { abi }),
      ]);
      const line = '["run", "--privileged", "", "x y"] "x y" "1"';
      assert.deepEqual(lines, [isMeant ? line : ""], `${abi} ${filter}`);
    }
});

test("a list that leads nowhere is unreadable as a whole, and without one nothing is meant", () => {
  const text = rule('ARGV contains "x"', EXECVE, "log_format {x}");
  const open = (list: readonly (string | bigint)[]): SimulatedCall =>
    execve({ args: ["/bin/x", { list, isOpen: true }, 0] });
  assert.deepEqual(
    linesOf(text, [
      execve({ args: ["/bin/x", 0, 0] }),
      argv([]),
      argv(["x", UNMAPPED]),
      open(["x"]),
      open([]),
      execve({ args: ["/bin/x", UNMAPPED, 0] }),
    ]),
    ["", "", ...Array(4).fill("x unreadable late")],
  );
  // what stands before is known all the same
  assert.deepEqual(linesOf(rule('ARGV[0] == "x"', EXECVE, "log_format {x}"), [open(["x"])]), ["x"]);
});

test("more arguments than are read are cut, and say so", () => {
  const text = rule('ARGV contains "--privileged"', EXECVE, "log_format {%argv}");
  const many = Array.from({ length: 5000 }, () => "");
  const lines = linesOf(text, [
    argv(["--privileged", "y".repeat(5000)]),
    argv(["--privileged", ...many]),
    argv(["--privileged", "y".repeat(4096 - 13)]),
    argv(["y".repeat(5000), "--privileged"]),
    argv([...many, "--privileged"]),
  ]);
  assert.deepEqual(
    lines.map((line) => [
      line.endsWith("]"),
      line.includes("unreadable"),
      line.includes("truncated"),
    ]),
    [
      [false, false, true],
      [false, false, true],
      [false, false, true],
      [false, true, true],
      [false, true, true],
    ],
  );
});

test("a program that has been replaced takes its arguments with it", () => {
  const text = rule('ARGV contains "x"', EXECVE, "log_format {x}");
  const late = execve({ args: ["/bin/x", UNMAPPED, 0], retval: 0n });
  assert.deepEqual(linesOf(text, [late]), ["x unreadable late"]);
});

test("rules on one call that look at more texts than a thread has room for are refused, each alone or all together", () => {
  const variables = (n: number): readonly string[] =>
    Array.from({ length: n }, (_, i) => `ENVP["V${i}"] == "x"`);
  const together = variables(16)
    .map((filter) => rule(filter, EXECVE, ""))
    .join("\n");
  for (const text of [rule(variables(16).join(" || "), EXECVE), together])
    assert.throws(() => new Simulation(checked(text), MACHINES.tracepoints), /64 KiB/);
  assert.ok(new Simulation(checked(rule(variables(8).join(" || "), EXECVE)), MACHINES.tracepoints));
});
