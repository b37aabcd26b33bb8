/** Members of structs that a command chooses: real programs, both ABIs, memory that is not there; the same lines from sct run. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { words } from "../../src/compiler/testing/structs.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { canPlay, play, run, type Scenario, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const SCT = new URL("../../bin/sct", import.meta.url).pathname;
const calls64 = (...args: string[]): string[] => [workplace().calls64, ...args];
const calls32 = (...args: string[]): string[] => [workplace().calls32, ...args];
const python = (program: string): string[] => ["/usr/bin/python3", "-c", program];

const own = (filter: string): string => `filter_expression { UID == ${USER} && (${filter}) }`;
const log = (call: string, filter: string, format: string, more = ""): string =>
  `rule { syscall_name = ${call} ${more} ${own(filter)} action { type = LOG log_format {${format}} } }`;

const FCNTL = { x86_64: "72", i386: "221" };
const SETSOCKOPT = { i386: "366" };
const F_SETLK = "6";
const F_SETLK64 = "13";
/** F_WRLCK from SEEK_SET, start 5, length 7. */
const LOCK64 = ":1,5,7,0";
const LOCK32 = ":1,5,7,0";
const LARGE32 = ":1,5,0,7,0,0";

const LOCK_LINE = "%abi %param3.l_type{symbolic} %param3.l_start %param3.l_len";

const LOCKING = `import fcntl
f = open("locked", "w")
fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 7, 5)
fcntl.lockf(f, fcntl.LOCK_UN, 7, 5)
fcntl.fcntl(f, fcntl.F_SETFL, 0)
fcntl.fcntl(f, fcntl.F_SETFD, 1)
`;
const LINGERING = `import socket, struct
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 9))
s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
s.setsockopt(socket.SOL_SOCKET, 20, struct.pack("qq", 3, 500))
s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)
`;
const SIZING = `import fcntl, os, pty, struct, termios
leader, follower = pty.openpty()
fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 99, 0, 0))
fcntl.ioctl(leader, termios.TIOCGWINSZ, b"\\0" * 8)
a = termios.tcgetattr(follower); a[3] &= ~termios.ECHO; termios.tcsetattr(follower, termios.TCSANOW, a)
`;
const NAMING = `import ctypes
ctypes.CDLL(None).prctl(15, b"wor\\nker", 0, 0, 0)
import os
os.writev(os.pipe()[1], [b"a sec", b"ret"])
`;
const PRCTL = { x86_64: "157", i386: "172" };

const scenarios: readonly Scenario[] = [
  {
    title: "a lock for writing, of python3 and of sqlite3",
    rules: log("fcntl", "PARAMS[3].l_type == F_WRLCK", `%comm ${LOCK_LINE}`),
    triggers: () => [
      python(LOCKING),
      ["/usr/bin/sqlite3", "base", "create table if not exists t(a); select * from t"],
    ],
    expect: [
      { line: '"python3" x86_64 F_WRLCK 5 7' },
      // RESERVED, PENDING and SHARED bytes of the format
      { line: '"sqlite3" x86_64 F_WRLCK 1073741825 1' },
      { line: '"sqlite3" x86_64 F_WRLCK 1073741824 1' },
      { line: '"sqlite3" x86_64 F_WRLCK 1073741826 510' },
    ],
  },
  {
    title: "locks of 32-bit callers, of either size",
    rules: log("fcntl", "PARAMS[3].l_type == F_WRLCK && PARAMS[3].l_len == 7", LOCK_LINE),
    triggers: () => [
      calls64("native", FCNTL.x86_64, "0", F_SETLK, LOCK64),
      calls64("int80", FCNTL.i386, "0", F_SETLK64, ":21474836481,30064771072,0,0"),
      calls32("native", FCNTL.i386, "0", F_SETLK, LOCK32),
      calls32("native", FCNTL.i386, "0", F_SETLK64, LARGE32),
      calls32("native", FCNTL.i386, "0", F_SETLK64, LOCK32),
    ],
    expect: [
      { line: "x86_64 F_WRLCK 5 7" },
      { line: "i386 F_WRLCK 5 7", comm: "calls64" },
      { line: "i386 F_WRLCK 5 7", comm: "calls32" },
      { line: "i386 F_WRLCK 5 7", comm: "calls32" },
    ],
  },
  {
    title: "options of sockets, by level and name",
    rules: `${log("setsockopt", "PARAMS[4].l_linger == 9", "%param4.l_onoff %param4.value")}
            ${log("setsockopt", "PARAMS[3] == SO_KEEPALIVE && PARAMS[4].value", "alive")}
            ${log("setsockopt", "PARAMS[4].tv_usec == 500", "%param4.tv_sec")}
            ${log("getsockopt", "PARAMS[4].value == SOCK_STREAM", "stream", "when = after")}`,
    triggers: () => [
      python(LINGERING),
      calls32("native", SETSOCKOPT.i386, "-1", "1", "13", ":4,9", "8"),
    ],
    expect: [
      { line: "1 (none)" },
      { line: "alive" },
      { line: "3" },
      { line: "stream" },
      { line: "4 (none)", comm: "calls32" },
    ],
  },
  {
    title: "a parameter that every call which passes has as a string",
    rules: log("prctl", "PARAMS[1] == PR_SET_NAME", "%param2 %params"),
    triggers: () => [
      python(NAMING),
      calls64("int80", PRCTL.i386, "15", "@other"),
      calls32("native", PRCTL.i386, "15", "@third"),
      calls64("native", PRCTL.x86_64, "4", "1"),
    ],
    expect: [
      { line: '"wor\\nker" 15, "wor\\nker", 0, 0, 0' },
      { line: '"other" 15, "other", 0, 0, 0', comm: "calls64" },
      { line: '"third" 15, "third", 0, 0, 0', comm: "calls32" },
    ],
  },
  {
    title: "a terminal's size and modes, of python3 and of stty",
    rules: `${log("ioctl", "PARAMS[2] == TIOCSWINSZ && PARAMS[3].ws_col == 99", "set %comm %param3.ws_row")}
            ${log("ioctl", "PARAMS[2] == TIOCGWINSZ && PARAMS[3].ws_col == 99", "got %param3.ws_row", "when = after")}
            ${log("ioctl", "PARAMS[2] in (TCSETS, TCSETSW) && !(PARAMS[3].c_lflag & 8)", "no echo %comm")}`,
    triggers: () => [
      python(SIZING),
      ["/usr/bin/script", "-qec", "stty rows 44 cols 99; stty -echo", "/dev/null"],
    ],
    expect: [
      { line: 'set "python3" 33' },
      { line: "got 33" },
      { line: 'no echo "python3"' },
      { line: 'set "stty" 44' },
      { line: 'no echo "stty"' },
    ],
  },
  {
    title: "a struct in a page that was never touched is late; other commands have none",
    rules: log("fcntl", "PARAMS[3].l_type == F_WRLCK", LOCK_LINE),
    triggers: () => {
      const file = join(workplace().directory, "lock");
      writeFileSync(file, words([1, 5, 7, 0]));
      return [F_SETLK, "4"].map((cmd) => calls64("native", FCNTL.x86_64, "0", cmd, `%${file}`));
    },
    expect: [{ line: "x86_64 F_WRLCK 5 7", flags: ["late"] }],
  },
  {
    title: "NULL for a command that takes a struct is unreadable, for others it is not there",
    rules: log("fcntl", "PARAMS[3].l_type == F_WRLCK", "%param3.l_type"),
    triggers: () => [F_SETLK, "4"].map((cmd) => calls64("native", FCNTL.x86_64, "0", cmd, "0")),
    expect: [{ line: "(unreadable)", flags: ["unreadable", "late"] }],
    counters: [{ matched: 1, unreadable: 1 }],
  },
];

for (const scenario of scenarios) {
  test(scenario.title, async (t) => {
    if (!needsKernel(t) || !canPlay(t, scenario)) return;
    const { counters } = await play(scenario);
    assert.equal(counters.recursionMisses, 0);
  });
}

test("lines say the same as those of sct run", async (t) => {
  if (!needsKernel(t)) return;
  const program = `${LOCKING}${LINGERING}${SIZING}${NAMING}`;
  const rules = [
    ["fcntl", "%param3.l_type %param3.l_start %param3.value", "PARAMS[3].l_type in 0..2"],
    ["setsockopt", "%param4.l_linger %param4.value %param4.tv_usec %param4.len", "1"],
    [
      "ioctl",
      "%param3.ws_row %param3.ws_col %param3.c_cc.VMIN",
      "PARAMS[3].ws_col == 99 || (PARAMS[2] == TCSETS && PARAMS[3].c_cflag)",
    ],
    ["prctl", "%param2 %params{symbolic}", "PARAMS[1] == PR_SET_NAME"],
    ["writev", "%param2.data %param3", 'PARAMS[2].data contains "secret"'],
  ].map(
    ([call, format, filter], i) =>
      `rule { rule_name = r${i} syscall_name = ${call} when = after ${own(filter ?? "")}
        action { type = LOG log_format {r${i} ${format}} } }`,
  );
  const { lines } = await watch(rules.join("\n"), () => run(python(program)));
  const args = ["run", ...rules.flatMap((rule) => ["-e", rule]), "--", ...python(program)];
  const options = { uid: USER, gid: USER, encoding: "utf8", cwd: workplace().directory } as const;
  const { stderr } = spawnSync(SCT, args, options);
  const supervised = stderr.split("\n").filter((line) => /^r\d /.test(line));
  assert.ok(lines.length >= 8, lines.join("\n"));
  assert.deepEqual(lines, supervised, stderr);
});
