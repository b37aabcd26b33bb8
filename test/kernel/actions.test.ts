/** KILL and SUSPEND where rules observe through tracepoints: right after the call, said at load and in the event. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { needs32Bit } from "../programs/runs-32-bit.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { assertEvents, type Finished, run, start, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const UNLINK = "87";

/** Never without the user: a rule that acts must not meet anybody else. */
function acting(actions: string, filter: string, more = ""): string {
  return `rule { rule_name = act syscall_name = unlink ${more}
    filter_expression { UID == ${USER} && COMM == "calls64" && ${filter} } ${actions} }`;
}

const LOG = "action { type = LOG log_format {%action %param1} }";
const KILL = "action { type = KILL }";
const SUSPEND = "action { type = SUSPEND }";

test("KILL ends the process", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  const ends: unknown[] = [];
  const text = acting(`${LOG} ${KILL}`, 'PARAMS[1] == "/n/kill"');
  const { events, counters, notices } = await watch(text, async () => {
    for (const path of ["/n/kill", "/n/spare"])
      ends.push((await run([calls64, "native", UNLINK, `@${path}`])).signal);
    // the first of many: the process does not get to the second
    ends.push((await run([calls64, "loop", "1000", UNLINK, "@/n/kill"])).signal);
  });
  assert.deepEqual(ends, ["SIGKILL", null, "SIGKILL"]);
  assertEvents(events, [
    { line: 'LOG,KILL "/n/kill"', actions: ["LOG", "KILL"], flags: flagged },
    { line: 'LOG,KILL "/n/kill"', actions: ["LOG", "KILL"], flags: flagged },
  ]);
  assert.equal(counters.rules[0]?.matched, 2);
  const saysSo = notices.some((notice) => /KILL.*still happens/.test(notice));
  assert.equal(saysSo, events[0]?.flags.includes("call-done"), notices.join("\n"));
});

/** Whatever this machine can: stop the call, or act right after it. */
function flagged(flags: readonly string[]): boolean {
  return flags.includes("call-done") || flags.includes("call-skipped");
}

test("KILL without LOG gives an event and no line", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  let killed: Finished | undefined;
  const text = acting(KILL, 'PARAMS[1] == "/n/kill"');
  const { events, lines, counters } = await watch(
    text,
    async () => {
      killed = await run([calls64, "native", UNLINK, "@/n/kill"]);
      await run([calls64, "native", UNLINK, "@/n/spare"]);
    },
    { reportsCaller: true },
  );
  assert.equal(killed?.signal, "SIGKILL");
  assert.deepEqual(lines, []);
  assertEvents(events, [
    {
      rule: "act",
      actions: ["KILL"],
      when: "before",
      syscall: "unlink",
      values: ["/n/kill"],
      pid: killed.pid,
      uid: USER,
      comm: "calls64",
      exe: calls64,
      cwd: workplace().directory,
      flags: flagged,
      seq: 1,
      message: null,
    },
  ]);
  const [rule] = counters.rules;
  assert.deepEqual([rule?.matched, rule?.delivered], [1, 1]);
});

test("a rule without LOG does not wait for text that only its event shows", async (t) => {
  if (!needsKernel(t)) return;
  const { scenes } = workplace();
  const rule = (more: string): string => `rule { syscall_name = open
    filter_expression { UID == ${USER} && COMM == "scenes" && PARAMS[2] == 0 ${more} } ${KILL} }`;
  for (const [more, shown] of [
    ['&& PARAMS[1] startswith "/nonexistent"', ["/nonexistent/literal", 0, 0]],
    [
      "",
      (values: readonly unknown[]) => values[0] === null || values[0] === "/nonexistent/literal",
    ],
  ] as const) {
    let signal: string | null = null;
    const { events } = await watch(rule(more), async () => {
      ({ signal } = await run([scenes, "literal"]));
    });
    assert.equal(signal, "SIGKILL");
    assert.ok(events.length > 0);
    if (more !== "") assertEvents(events, [{ values: shown, message: null }]);
  }
});

test("limit holds back events of rules without LOG, not what they do", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  const ends: unknown[] = [];
  const text = acting(KILL, 'PARAMS[1] == "/n/kill"', "limit = 2/h");
  const { events, lines, counters } = await watch(text, async () => {
    for (let i = 0; i < 5; i++)
      ends.push((await run([calls64, "native", UNLINK, "@/n/kill"])).signal);
  });
  assert.deepEqual(ends, Array(5).fill("SIGKILL"));
  assert.deepEqual([events.length, lines], [2, []]);
  const [rule] = counters.rules;
  assert.deepEqual([rule?.matched, rule?.delivered, rule?.limited], [5, 2, 3]);
});

test("with continue each rule that acts has one event, with LOG or without", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  const text =
    acting(KILL, "1", "continue = yes").replace("act ", "first ") +
    acting(LOG, "1", "continue = yes").replace("act ", "second ") +
    acting(KILL, "1").replace("act ", "third ") +
    acting(KILL, "RETVAL == -2", "when = after").replace("act ", "last ");
  let signal: string | null = null;
  const { events, lines, counters } = await watch(text, async () => {
    ({ signal } = await run([calls64, "native", UNLINK, "@/n/all"]));
  });
  assert.equal(signal, "SIGKILL");
  const values = ["/n/all"];
  const seen = events.filter(({ when }) => when === "before");
  assertEvents(seen, [
    { rule: "first", actions: ["KILL"], message: null, values, flags: flagged },
    { rule: "second", actions: ["LOG"], message: 'LOG "/n/all"', values },
    { rule: "third", actions: ["KILL"], message: null, values, flags: flagged },
  ]);
  // the call fails by itself, unless it is kept from being made, or fails before it comes to the hook that would
  const late = events.filter(({ when }) => when === "after");
  const isMade = late.length > 0 || seen[0]?.flags.includes("call-done");
  assertEvents(late, isMade ? [{ rule: "last", retval: -2, values, flags: [] }] : []);
  assert.deepEqual(lines, ['LOG "/n/all"']);
  for (const { matched, delivered } of counters.rules) assert.equal(matched, delivered);
});

test("KILL in an after rule sees the result first", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64, directory } = workplace();
  const file = join(directory, "victim");
  writeFileSync(file, "");
  const text = acting(`${LOG} ${KILL}`, "RETVAL == 0", "when = after");
  const ends: unknown[] = [];
  const { events, notices } = await watch(text, async () => {
    ends.push((await run([calls64, "native", UNLINK, "@/n/nothing"])).signal);
    ends.push((await run([calls64, "native", UNLINK, `@${file}`])).signal);
  });
  assert.deepEqual(ends, [null, "SIGKILL"]);
  assertEvents(events, [{ values: [file], retval: 0 }]);
  assert.equal(existsSync(file), false);
  assert.deepEqual(notices, []);
});

test("KILL reaches a process by its 32-bit calls", async (t) => {
  if (!needsKernel(t) || !needs32Bit(t, workplace().calls32)) return;
  let signal: string | null = null;
  await watch(acting(KILL, 'ABI == "i386"'), async () => {
    ({ signal } = await run([workplace().calls64, "int80", "10", "@/n/kill"]));
  });
  assert.equal(signal, "SIGKILL");
});

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2)[0] ?? "";
}

async function waitFor(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, what);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("SUSPEND stops the process until it is made to continue", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  let code: number | null = null;
  const text = acting(`${LOG} ${SUSPEND}`, 'PARAMS[1] == "/n/suspend"');
  const { events, counters } = await watch(text, async (watching) => {
    const child = start([calls64, "native", UNLINK, "@/n/suspend"]);
    const pid = child.pid as number;
    const ended = new Promise<void>((resolve) =>
      child.on("close", (status) => {
        code = status;
        resolve();
      }),
    );
    try {
      await watching.until(1);
      await waitFor(() => stateOf(pid) === "T", `state is ${stateOf(pid)}`);
      child.kill("SIGCONT");
      await ended;
    } finally {
      child.kill("SIGKILL");
    }
  });
  // ENOENT: the call was made, with its own result
  assert.equal(code, 2);
  assertEvents(events, [
    { line: 'LOG,SUSPEND "/n/suspend"', actions: ["LOG", "SUSPEND"], flags: flagged },
  ]);
  assert.equal(counters.rules[0]?.matched, 1);
});
