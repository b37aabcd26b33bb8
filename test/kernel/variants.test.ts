/** One name, many calls: variants whose parameters lie elsewhere, and the guards that distinguish them. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { canPlay, play, run, type Scenario, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const calls64 = (...args: string[]): string[] => [workplace().calls64, ...args];
const calls32 = (...args: string[]): string[] => [workplace().calls32, ...args];
const rule = (names: string, filter = "1", format = "%sname %params", more = ""): string =>
  `rule { syscall_name = ${names} ${more} filter_expression { UID == ${USER} && COMM startswith "calls" && (${filter}) }
    action { type = LOG log_format {${format}} } }\n`;

const NOWHERE = "4096";

const scenarios: readonly Scenario[] = [
  {
    title: "open in all its forms has the parameters of open",
    rules: rule("open", '!(PARAMS[1] startswith "/proc")'),
    triggers: () => [
      calls64("native", "2", "@/n/open", "577", "438"),
      calls64("native", "257", "-100", "@/n/openat", "577", "438"),
      calls64("native", "437", "-100", "@/n/openat2", ":65,384,0", "24"),
      calls64("native", "85", "@/n/creat", "438"),
      calls32("native", "437", "-100", "@/n/openat2-32", ":65,0,384,0,0,0", "24"),
      calls32("native", "295", "-100", "@/n/openat-32", "65", "420"),
    ],
    expect: [
      { line: 'open "/n/open", 577, 438' },
      { line: 'openat "/n/openat", 577, 438' },
      { line: 'openat2 "/n/openat2", 65, 384' },
      { line: 'creat "/n/creat", 577, 438' },
      { line: 'openat2 "/n/openat2-32", 65, 384', abi: "i386" },
      { line: 'openat "/n/openat-32", 65, 420', abi: "i386" },
    ],
  },
  {
    title: "flags in memory take part in filters",
    rules: rule("open", "PARAMS[2] & O_CREAT && PARAMS[3] == 0600"),
    triggers: () => [
      calls64("native", "437", "-100", "@/n/yes", ":64,384,0", "24"),
      calls64("native", "437", "-100", "@/n/no-create", ":1,384,0", "24"),
      calls64("native", "437", "-100", "@/n/other-mode", ":64,385,0", "24"),
      calls64("native", "257", "-100", "@/n/yes-at", "64", "384"),
    ],
    expect: [{ values: ["/n/yes", 64, 384] }, { values: ["/n/yes-at", 64, 384] }],
  },
  {
    title: "flags in memory that cannot be read: matched, shown and counted as such",
    rules:
      rule("open", "PARAMS[2] & O_CREAT", "%params") +
      rule("open", "PARAMS[2] & O_EXCL", "%params", "on_unreadable = skip"),
    triggers: () => [calls64("native", "437", "-100", "@/n/x", NOWHERE, "24")],
    expect: [
      {
        rule: "test.conf:1",
        line: '"/n/x", (unreadable), (unreadable)',
        values: ["/n/x", null, null],
        flags: ["unreadable", "late"],
      },
    ],
    counters: [{ matched: 1, unreadable: 1 }, { matched: 0 }],
  },
  {
    title: "the length of a vector is that of all its elements",
    rules: rule("write", "PARAMS[3] > 100", "%sname %param3"),
    triggers: () => [
      calls64("native", "20", "-1", ":0,60,0,41", "2"),
      calls64("native", "20", "-1", ":0,60,0,40", "2"),
      calls64("native", "296", "-1", ":0,101,0,60", "1"),
      // the kernel looks at 32 bits of the count
      calls64("native", "328", "-1", ":0,0,0,60,0,60", String(2 ** 32 + 3)),
      calls64("native", "20", "-1", ":0,60,0,2147483647", "2"),
    ],
    expect: [
      { line: "writev 101" },
      { line: "pwritev 101" },
      { line: "pwritev2 120" },
      { line: "writev 2147479552" },
    ],
  },
  {
    title: "the length of a vector of a 32-bit program",
    rules: rule("write", "PARAMS[3] > 100", "%sname %param3"),
    triggers: () => [
      calls32("native", "146", "-1", ":0,60,0,50", "2"),
      calls32("native", "146", "-1", ":0,60,0,50", "1"),
      calls32("native", "334", "-1", ":0,101", "1", "0", "0"),
    ],
    expect: [
      { line: "writev 110", abi: "i386" },
      { line: "pwritev 101", abi: "i386" },
    ],
  },
  {
    title: "a vector that cannot be read, or is longer than may be: matched, and said",
    rules: rule("write", "PARAMS[3] > 100", "%sname %param3"),
    triggers: () => [
      calls64("native", "20", "-1", NOWHERE, "2"),
      calls64("native", "20", "-1", ":0,60", "1025"),
      calls64("native", "20", "-1", NOWHERE, "0"),
    ],
    expect: [
      { line: "writev (unreadable)", flags: ["unreadable", "late"] },
      { line: "writev (unreadable)", flags: ["unreadable", "late"] },
    ],
  },
  {
    title: "after rules show numbers in memory as well",
    rules: rule("open", "RETVAL == -2", "%params %retval", "when = after"),
    triggers: () => [
      calls64("native", "437", "-100", "@/n/x", ":0,0,0", "24"),
      calls64("native", "257", "-100", "@/n/y", "0"),
    ],
    expect: [{ line: '"/n/x", 0, 0 -2' }, { line: '"/n/y", 0, 0 -2' }],
  },
  {
    title: "rename has two strings, whichever call makes it",
    rules: rule("rename", 'PARAMS[1] startswith "/n/" && PARAMS[2] endswith "new"'),
    triggers: () => [
      calls64("native", "82", "@/n/old", "@/n/new"),
      calls64("native", "264", "-100", "@/n/oldat", "-100", "@/n/atnew"),
      calls64("native", "316", "-100", "@/n/old2", "-100", "@/n/2new", "0"),
      calls64("native", "82", "@/n/old", "@/n/other"),
      calls64("native", "82", "@/m/old", "@/n/new"),
      calls32("native", "38", "@/n/old32", "@/n/32new"),
    ],
    expect: [
      { line: 'rename "/n/old", "/n/new"' },
      { line: 'renameat "/n/oldat", "/n/atnew"' },
      { line: 'renameat2 "/n/old2", "/n/2new"' },
      { line: 'rename "/n/old32", "/n/32new"' },
    ],
  },
  {
    title: "two strings, the first longer than the second and the other way round",
    rules: rule("rename, link, symlink", "1", "%sname %params"),
    triggers: () => [
      calls64("native", "82", `@/n/${"a".repeat(3000)}`, "@/n/b"),
      calls64("native", "82", "@/n/a", `@/n/${"b".repeat(3000)}`),
      calls64("native", "86", "@", "@/n/b"),
      calls64("native", "88", "@/n/a", "0"),
      calls64("native", "82", "0", "@/n/a"),
      calls64("native", "82", NOWHERE, "@/n/a"),
    ],
    expect: [
      { values: [`/n/${"a".repeat(3000)}`, "/n/b"] },
      { values: ["/n/a", `/n/${"b".repeat(3000)}`] },
      { syscall: "link", values: ["", "/n/b"] },
      { line: 'symlink "/n/a", NULL' },
      { line: 'rename NULL, "/n/a"' },
      { line: 'rename (unreadable), "/n/a"' },
    ],
  },
  {
    title: "stat and lstat are distinguished by a flag",
    rules: `${rule("stat")}${rule("lstat", "1", "%sname %param1")}`.replaceAll(
      "%sname %params",
      "%sname %param1",
    ),
    triggers: () => [
      calls64("native", "4", "@/n/stat", "0"),
      calls64("native", "6", "@/n/lstat", "0"),
      calls64("native", "262", "-100", "@/n/stat-at", "0", "0"),
      calls64("native", "262", "-100", "@/n/lstat-at", "0", "256"),
      calls64("native", "332", "-100", "@/n/statx", "0", "0", "0"),
      calls64("native", "332", "-100", "@/n/lstatx", "256", "0", "0"),
      calls32("native", "300", "-100", "@/n/lstat-64", "0", "256"),
    ],
    expect: [
      { as: "stat", line: 'stat "/n/stat"' },
      { as: "lstat", line: 'lstat "/n/lstat"' },
      { as: "stat", line: 'newfstatat "/n/stat-at"' },
      { as: "lstat", line: 'newfstatat "/n/lstat-at"' },
      { as: "stat", line: 'statx "/n/statx"' },
      { as: "lstat", line: 'statx "/n/lstatx"' },
      { as: "lstat", line: 'fstatat64 "/n/lstat-64"' },
    ],
  },
  {
    title: "socketcall is presented as the call that it stands for",
    rules: rule("connect, socket", "1", "%sname %params"),
    triggers: () => [
      // SYS_SOCKET 1: socket(AF_UNIX 1, SOCK_DGRAM 2, 0); SYS_CONNECT 3; SYS_LISTEN 4
      calls32("native", "102", "1", ":1,2,0"),
      calls32("native", "102", "3", ":-1,0,16"),
      calls32("native", "102", "4", ":-1,5"),
      calls32("native", "359", "1", "2", "0"),
      calls64("native", "42", "-1", "0", "16"),
    ],
    expect: [
      { as: "socket", syscall: "socketcall", line: "socketcall 1, 2, 0" },
      { as: "connect", syscall: "socketcall", values: [-1, null, 16] },
      { as: "socket", syscall: "socket", abi: "i386" },
      { as: "connect", syscall: "connect", abi: "x86_64" },
    ],
  },
  {
    title: "socketcall's parameters take part in filters",
    rules: rule("socket", "PARAMS[1] == AF_UNIX && PARAMS[2] == 2"),
    triggers: () => [
      calls32("native", "102", "1", ":1,2,0"),
      calls32("native", "102", "1", ":1,1,0"),
      calls32("native", "102", "1", ":2,2,0"),
    ],
    expect: [{ values: [1, 2, 0] }],
  },
  {
    title: "fork in all its forms, but not threads",
    rules: rule("fork", "1", "%sname"),
    triggers: () => [
      calls64("native", "57"),
      // SIGCHLD
      calls64("native", "56", "17", "0", "0", "0", "0"),
      // struct clone_args: flags 0, exit_signal SIGCHLD
      calls64("native", "435", ":0,0,0,0,17,0,0,0", "64"),
      // CLONE_THREAD without CLONE_SIGHAND: refused by the kernel, no fork either way
      calls64("native", "56", "65536", "0", "0", "0", "0"),
      calls64("native", "435", ":65536,0,0,0,0,0,0,0", "64"),
      calls32("native", "2"),
    ],
    expect: [
      { line: "fork", abi: "x86_64" },
      { line: "clone" },
      { line: "clone3" },
      { line: "fork", abi: "i386" },
    ],
  },
  {
    title: "a time to wait is a number of milliseconds, whatever struct it lies in",
    rules: rule("poll", "PARAMS[3] == 1500 || PARAMS[3] == -1", "%sname %param3"),
    triggers: () => [
      calls64("native", "7", "0", "0", "1500"),
      calls64("native", "7", "0", "0", "1501"),
      calls64("native", "271", "0", "0", ":1,499000001", "0", "8"),
      calls64("native", "271", "0", "0", ":1,500000001", "0", "8"),
      calls64("native", "271", "-1", "-1", "0", "0", "8"),
      calls32("native", "309", "0", "0", ":1,500000000", "0", "8"),
      calls32("native", "414", "0", "0", ":1,0,500000000,0", "0", "8"),
    ],
    expect: [
      { line: "poll 1500" },
      { line: "ppoll 1500" },
      { line: "ppoll -1" },
      { line: "ppoll 1500", abi: "i386" },
      { line: "ppoll_time64 1500", abi: "i386" },
    ],
  },
  {
    title: "execveat has the parameters of execve",
    rules: rule("execve", 'PARAMS[1] == "/n/program"', "%sname %param1"),
    triggers: () => [
      calls64("native", "59", "@/n/program", "0", "0"),
      calls64("native", "322", "-100", "@/n/program", "0", "0", "0"),
      calls32("native", "358", "-100", "@/n/program", "0", "0", "0"),
    ],
    expect: [
      { line: 'execve "/n/program"' },
      { line: 'execveat "/n/program"' },
      { line: 'execveat "/n/program"', abi: "i386" },
    ],
  },
];

for (const scenario of scenarios) {
  test(scenario.title, async (t) => {
    if (!needsKernel(t) || !canPlay(t, scenario)) return;
    await play(scenario);
  });
}

const FORKS = `rule { syscall_name = fork filter_expression { UID == ${USER} } action { type = LOG log_format {%sname} } }`;

test("a shell's subshells are forks", async (t) => {
  if (!needsKernel(t)) return;
  if (!existsSync("/bin/bash")) return t.skip("needs bash");
  const { events } = await watch(FORKS, () =>
    run(["/bin/bash", "-c", "(true); (true); x=$(echo 1); true"]),
  );
  assert.equal(events.length, 3);
  assert.ok(events.every(({ comm }) => comm === "bash"));
});

test("python's threads are no forks", async (t) => {
  if (!needsKernel(t)) return;
  if (!existsSync("/usr/bin/python3")) return t.skip("needs python3");
  const script =
    "import threading as t\nfor i in range(5): x = t.Thread(target=print); x.start(); x.join()";
  const { events } = await watch(FORKS, () => run(["/usr/bin/python3", "-c", script]));
  assert.deepEqual(events, []);
});

test("a thread that makes threads makes no forks, with clone3 or clone", async (t) => {
  if (!needsKernel(t)) return;
  const both = `rule { syscall_name = clone, clone3 syscall_match = exact
    filter_expression { UID == ${USER} } action { type = LOG log_format {%sname} } }`;
  const storm = [workplace().scenes, "storm", "4", "1"];
  assert.equal((await watch(both, () => run(storm))).events.length, 4);
  assert.equal((await watch(FORKS, () => run(storm))).events.length, 0);
});

/** Signal 0 by a pidfd of itself, of its parent, of no process, and by numbers. */
const SENDS = `import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def send(pidfd): libc.syscall(424, pidfd, 0, 0, 0)
send(os.pidfd_open(os.getpid()))
send(os.pidfd_open(os.getppid()))
send(os.open("/dev/null", os.O_RDONLY))
send(-10000)
send(4000)
os.kill(os.getpid(), 0)
os.kill(os.getppid(), 0)`;

test("the process of a pidfd is a parameter like any other", async (t) => {
  if (!needsKernel(t)) return;
  if (!existsSync("/usr/bin/python3")) return t.skip("needs python3");
  const rules = `rule { syscall_name = kill on_unreadable = skip
    filter_expression { UID == ${USER} && PARAMS[1] == PID } action { type = LOG log_format {%sname %param1 %pid %param2} } }`;
  const { events, counters } = await watch(rules, () => run(["/usr/bin/python3", "-c", SENDS]));
  const lines = events.map(({ message }) => (message ?? "").split(" "));
  for (const [, target, pid, signal] of lines) assert.deepEqual([target, signal], [pid, "0"]);
  assert.deepEqual(
    lines.map(([name]) => name),
    // by the number that stands for oneself, too, even where the kernel does not know it
    ["pidfd_send_signal", "pidfd_send_signal", "kill"],
  );
  assert.equal(counters.rules[0]?.unreadable, 2);
});
