/** `after` rules: what the call returned, with the parameters as they were when it began. */
import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import {
  assertEvents,
  canPlay,
  play,
  run,
  type Scenario,
  USER,
  watch,
  workplace,
} from "./watching.ts";

after(assertNoObjects);

const own = (filter = "1"): string =>
  `when = after filter_expression { UID == ${USER} && (${filter}) }`;
const calls64 = (...args: string[]): string[] => [workplace().calls64, ...args];
const scenes = (...args: string[]): string[] => [workplace().scenes, ...args];
const isPositive = (ns: unknown): boolean => Number(ns) > 0;

const EXECVE = "59";
const EXECVE_32 = "11";

const scenarios: readonly Scenario[] = [
  {
    title: "RETVAL and errname of calls that fail and succeed",
    rules: `rule { syscall_name = open ${own()} action { type = LOG log_format {%param1 %retval %errname} } }`,
    triggers: () => [
      calls64("native", "2", "@/nonexistent", "0"),
      calls64("native", "2", "@/dev/null", "0"),
      calls64("native", "2", "@/dev/null", "65536"),
      calls64("native", "257", "-100", "@/dev/null", "0"),
    ],
    expect: [
      { line: '"/nonexistent" -2 ENOENT', retval: -2, errno: "ENOENT" },
      { line: '"/dev/null" 3 (none)', retval: 3, errno: null },
      { line: '"/dev/null" -20 ENOTDIR', retval: -20, errno: "ENOTDIR" },
      { line: '"/dev/null" 3 (none)', syscall: "openat" },
    ],
  },
  {
    title: "filters on RETVAL",
    rules: `rule { rule_name = failed syscall_name = open ${own('RETVAL < 0 && COMM == "calls64"')} action { type = LOG } }
            rule { rule_name = fds syscall_name = open ${own('RETVAL in (3..4) && COMM == "calls64"')} action { type = LOG } }`,
    triggers: () => [
      calls64("native", "2", "@/nonexistent", "0"),
      calls64("native", "2", "@/dev/null", "0"),
      calls64("loop", "3", "2", "@/dev/null", "0"),
    ],
    expect: [
      { rule: "failed", retval: -2 },
      { rule: "fds", retval: 3 },
      { rule: "fds", retval: 3 },
      { rule: "fds", retval: 4 },
    ],
  },
  {
    title: "execve that fails",
    rules: `rule { syscall_name = execve ${own('PARAMS[1] == "/nonexistent/program"')} action { type = LOG } }`,
    triggers: () => [calls64("native", EXECVE, "@/nonexistent/program", "0", "0")],
    expect: [{ values: ["/nonexistent/program", null, null], retval: -2, comm: "calls64" }],
  },
  {
    title: "execve that succeeds shows what was asked for, and who asked",
    rules: `rule { syscall_name = execve ${own('COMM == "calls64"')} action { type = LOG log_format {%sname %comm %param1 %retval} } }`,
    triggers: () => [
      calls64("native", EXECVE, "@/bin/true", "0", "0"),
      calls64("native", "322", "-100", "@/bin/true", "0", "0", "0"),
    ],
    expect: [
      { line: 'execve "calls64" "/bin/true" 0', retval: 0 },
      { line: 'execveat "calls64" "/bin/true" 0', retval: 0 },
    ],
  },
  {
    title: "execve of a 32-bit program by a 64-bit one, and back",
    rules: `rule { syscall_name = execve ${own('COMM startswith "calls"')} action { type = LOG log_format {%abi %comm %param1 %retval} } }`,
    triggers: () => [
      calls64("native", EXECVE, `@${workplace().calls32}`, "0", "0"),
      calls64("int80", EXECVE_32, `@${workplace().calls32}`, "0", "0"),
      [workplace().calls32, "native", EXECVE_32, `@${workplace().calls64}`, "0", "0"],
    ],
    expect: [
      { abi: "x86_64", nr: 59, comm: "calls64", values: [/calls32$/, null, null], retval: 0 },
      { abi: "i386", nr: 11, comm: "calls64", values: [/calls32$/, null, null], retval: 0 },
      { abi: "i386", nr: 11, comm: "calls32", values: [/calls64$/, null, null], retval: 0 },
    ],
  },
  {
    title: "execve by a thread that is not the leader",
    rules: `rule { syscall_name = execve ${own('COMM == "scenes"')} action { type = LOG } }`,
    triggers: () => [scenes("thread-exec", "/bin/true")],
    expect: [{ values: ["/bin/true", /^0x/, /^0x/], retval: 0, comm: "scenes" }],
  },
  {
    title: "execve in a vfork child",
    rules: `rule { syscall_name = execve, vfork ${own('COMM == "scenes"')} action { type = LOG } }`,
    triggers: () => [scenes("vfork", "/bin/true")],
    expect: [
      { as: "execve", values: ["/bin/true", /^0x/, /^0x/], retval: 0 },
      { as: "vfork", retval: isPositive },
    ],
  },
];

for (const scenario of scenarios) {
  test(scenario.title, async (t) => {
    if (!needsKernel(t) || !canPlay(t, scenario)) return;
    await play(scenario);
  });
}

test("execve by another thread is reported with the thread that asked", async (t) => {
  if (!needsKernel(t)) return;
  const rule = (when: string): string =>
    `rule { rule_name = ${when} syscall_name = execve when = ${when}
      filter_expression { UID == ${USER} && COMM == "scenes" } action { type = LOG } }`;
  const { events } = await watch(`${rule("before")}\n${rule("after")}`, () =>
    run([workplace().scenes, "thread-exec", "/bin/true"]),
  );
  assertEvents(events, [{ rule: "before" }, { rule: "after", retval: 0 }]);
  const [before, done] = events;
  assert.ok(before && done);
  assert.notEqual(before.tid, before.pid);
  assert.deepEqual([done.pid, done.tid], [before.pid, before.tid]);
});

test("a script is shown as it was asked for, not as its interpreter", async (t) => {
  if (!needsKernel(t)) return;
  const script = join(workplace().directory, "script");
  writeFileSync(script, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  const rules = `rule { syscall_name = execve ${own('PARAMS[1] endswith "script"')} action { type = LOG } }`;
  const { events } = await watch(rules, () => run([script]));
  assertEvents(events, [{ values: [script, /^0x/, /^0x/], retval: 0 }]);
});

test("duration is the time the call took", async (t) => {
  if (!needsKernel(t)) return;
  const rules = `rule { syscall_name = nanosleep, clock_nanosleep ${own()} action { type = LOG log_format {%duration} } }`;
  const { lines } = await watch(rules, () => run(["/bin/sleep", "0.2"]));
  assert.equal(lines.length, 1);
  const ns = Number(lines[0]);
  assert.ok(ns >= 200e6 && ns < 2e9, `${ns} ns`);
});

test("a filter on DURATION sees the time that the event shows", async (t) => {
  if (!needsKernel(t)) return;
  const rules = `rule { rule_name = long syscall_name = nanosleep, clock_nanosleep ${own("DURATION >= 150ms")} action { type = LOG } }
    rule { rule_name = short syscall_name = nanosleep, clock_nanosleep ${own("DURATION < 150ms")} action { type = LOG log_format {%duration} } }`;
  const { events } = await watch(rules, async () => {
    await run(["/bin/sleep", "0.2"]);
    await run(["/bin/sleep", "0.01"]);
  });
  const [long, short] = events.map(({ duration_ns }) => Number(duration_ns));
  assert.ok(long !== undefined && long >= 200e6 && long < 2e9, `${long} ns`);
  assert.ok(short !== undefined && short >= 10e6 && short < 2e9, `${short} ns`);
  // a busy machine may make any sleep long
  assertEvents(events, [{ rule: "long" }, { rule: short < 150e6 ? "short" : "long" }]);
  if (short < 150e6) assert.equal(events[1]?.message, String(short));
});

test("numbers and ids are those of the moment of entry", async (t) => {
  if (!needsKernel(t)) return;
  // a set-user-ID program: the caller is the user, whatever the call makes of it
  const program = join(workplace().directory, "true");
  copyFileSync("/bin/true", program);
  const rules = `rule { syscall_name = execve ${own('PARAMS[1] endswith "/true"')} action { type = LOG } }
    rule { syscall_name = setresuid when = after filter_expression { PPID == ${process.pid} && COMM == "calls64" } action { type = LOG } }`;
  const { events } = await watch(rules, async () => {
    await run([program]);
    await run([workplace().calls64, "native", "117", String(USER), String(USER), String(USER)]);
  });
  assertEvents(events, [
    { syscall: "execve", uid: USER, euid: USER, retval: 0 },
    { syscall: "setresuid", values: [USER, USER, USER], retval: 0 },
  ]);
});
