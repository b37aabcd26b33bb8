/** Watching through the functions of calls: as exact as the tracepoints, and calls that no rule names pay nothing. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { compileRules } from "../../src/compiler/index.ts";
import { probeMachine } from "../../src/engines/kernel/index.ts";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { assertEvents, checked, run, USER, watch, workplace } from "../kernel/watching.ts";
import { needsGuest } from "./guest.ts";

after(assertNoObjects);

const EEXIST = 17;
const LOOPS = 5000;

const own = (rest: string): string => `filter_expression { UID == ${USER} } ${rest}`;
const RULES = `
rule { rule_name = made syscall_name = mkdir when = after
  ${own("action { type = LOG log_format {%sname %param1 %retval} }")} }
rule { rule_name = run syscall_name = execve ${own("action { type = LOG log_format {%sname %param1} }")} }
rule { rule_name = forked syscall_name = fork when = after
  ${own("action { type = LOG log_format {%sname %retval} }")} }
rule { rule_name = parent syscall_name = getppid when = after
  ${own("action { type = LOG log_format {%sname %retval} }")} }
`;

test("after rules, exec, forks and calls without parameters are seen, each once", async (t) => {
  if (!needsGuest(t)) return;
  const { calls64, calls32, directory } = workplace();
  const path = join(directory, "made");
  const pids: number[] = [];
  const { events, counters } = await watch(RULES, async () => {
    for (const command of [
      [calls64, "native", "83", `@${path}`, "448"],
      [calls64, "int80", "39", `@${path}`, "448"],
      [calls32, "native", "39", `@${path}`, "448"],
      [calls64, "native", "57"],
      [calls64, "int80", "2"],
      [calls64, "loop", String(LOOPS), "110"],
    ])
      pids.push((await run(command)).pid);
  });
  const isPid = (retval: unknown): boolean => Number(retval) > 0;
  assertEvents(
    events.filter(({ rule }) => rule !== "parent"),
    [
      ...pids.map((pid) => ({ rule: "run", pid, line: /^execve ".*\/calls/ })),
      { rule: "made", retval: 0, abi: "x86_64", pid: pids[0] },
      { rule: "made", retval: -EEXIST, abi: "i386", pid: pids[1] },
      { rule: "made", retval: -EEXIST, abi: "i386", pid: pids[2] },
      { rule: "forked", syscall: "fork", retval: isPid, abi: "x86_64", pid: pids[3] },
      { rule: "forked", syscall: "fork", retval: isPid, abi: "i386", pid: pids[4] },
    ],
  );
  const parents = events.filter(({ rule }) => rule === "parent");
  assert.equal(parents.length, LOOPS);
  for (const { retval } of parents) assert.equal(retval, process.pid);
  assert.deepEqual(
    counters.rules.map(({ matched, delivered }) => [matched, delivered]),
    [3, 6, 2, LOOPS].map((count) => [count, count]),
  );
});

test("calls that no rule names run without any of our programs", (t) => {
  if (!needsGuest(t)) return;
  const compiled = compileRules(checked(RULES), {
    machine: probeMachine(),
    ringBytes: 4096,
  });
  assert.ok(compiled.ok);
  const tracepoints = compiled.compiled.programs.flatMap(({ attachment }) =>
    attachment.kind === "raw_tracepoint" ? [attachment.name] : [],
  );
  // once per exec, not per call
  assert.deepEqual(tracepoints, ["sched_process_exec"]);
  const kinds = new Set(compiled.compiled.programs.map(({ attachment }) => attachment.kind));
  for (const kind of ["fentry", "fexit", "kprobe", "kretprobe"] as const)
    assert.ok(kinds.has(kind), kind);
});
