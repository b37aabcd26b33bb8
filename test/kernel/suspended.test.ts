/** The queue of `sct suspended`: who waits, and what becomes of the call. Where nothing can act before a call it is said. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  type SuspendedAnswer,
  SuspendedQueue,
  type SuspendedThread,
} from "../../src/engines/kernel/index.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { start, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const SCT = new URL("../../bin/sct", import.meta.url).pathname;
const UNLINK = "87";

/** Never without the user: a rule that acts must not meet anybody else. */
const rules = (timeout = ""): string => `rule { rule_name = "ask first" syscall_name = unlink
  filter_expression { UID == ${USER} && COMM == "calls64" } action { type = SUSPEND ${timeout} } }`;

interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function sct(...args: string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(SCT, ["suspended", ...args], (error, stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code);
      resolve({ status, stdout, stderr });
    });
  });
}

async function waitFor(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2)[0] ?? "";
}

interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process that wants to delete a file of its own, and has been stopped. */
async function suspend(name: string): Promise<{ pid: number; file: string; end: Promise<Ending> }> {
  const { calls64, directory } = workplace();
  const file = join(directory, name);
  writeFileSync(file, "");
  const child = start([calls64, "native", UNLINK, `@${file}`], { uid: USER });
  const end = new Promise<Ending>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal })),
  );
  const pid = child.pid as number;
  await waitFor(() => stateOf(pid) === "T", `process ${pid} never stopped`);
  return { pid, file, end };
}

/** Looks and decides as the command does. */
async function withQueue<T>(use: (queue: SuspendedQueue) => T | Promise<T>): Promise<T> {
  const queue = new SuspendedQueue();
  try {
    return await use(queue);
  } finally {
    queue.close();
  }
}

function listed(): Promise<SuspendedThread[]> {
  return withQueue((queue) => queue.list().filter(({ uid }) => uid === USER));
}

function decide(pid: number, decision: SuspendedAnswer): Promise<string | undefined> {
  return withQueue((queue) => queue.decide(pid, decision));
}

test("the queue lists what waits, and takes decisions", async (t) => {
  if (!needsKernel(t)) return;
  const watched = await watch(rules(), async () => {
    const first = await suspend("first");
    const isBefore = existsSync(first.file);
    const [entry, ...others] = await listed();
    assert.ok(entry !== undefined && others.length === 0);
    assert.deepEqual(
      [entry.pid, entry.tid, entry.comm, entry.rule, entry.nr, entry.abi, entry.timeoutNs],
      [first.pid, first.pid, "calls64", "ask first", 87, "x86_64", undefined],
    );
    assert.equal(entry.isCallDone, !isBefore);
    assert.equal(await decide(first.pid, "resume"), undefined);
    assert.deepEqual(await first.end, { code: 0, signal: null });
    assert.equal(existsSync(first.file), false);
    assert.deepEqual(await listed(), []);

    const second = await suspend("second");
    const problem = await decide(second.pid, "fail");
    if (isBefore) {
      assert.equal(problem, undefined);
      assert.deepEqual(await second.end, { code: 1, signal: null });
      assert.ok(existsSync(second.file), "the call failed before it had any effect");
    } else {
      assert.match(problem ?? "", /has been made already/);
      assert.equal(await decide(second.pid, "resume"), undefined);
      await second.end;
    }
    assert.deepEqual(await listed(), []);

    const third = await suspend("third");
    const fourth = await suspend("fourth");
    assert.equal((await listed()).length, 2);
    for (const { pid } of [third, fourth]) assert.equal(await decide(pid, "kill"), undefined);
    assert.deepEqual([(await third.end).signal, (await fourth.end).signal], ["SIGKILL", "SIGKILL"]);
    assert.deepEqual([existsSync(third.file), existsSync(fourth.file)], [isBefore, isBefore]);
    assert.deepEqual(await listed(), []);

    const fifth = await suspend("fifth");
    process.kill(fifth.pid, "SIGCONT");
    assert.deepEqual(await fifth.end, { code: 0, signal: null });
    assert.deepEqual(await listed(), [], "somebody else let it continue");
    assert.equal(await decide(fifth.pid, "resume"), "it is not suspended");
  });
  assert.equal(watched.counters.rules[0]?.matched, 5);
});

test("sct suspended prints the queue, and decides", async (t) => {
  if (!needsKernel(t)) return;
  await watch(rules(), async () => {
    const { pid, end } = await suspend("command");
    const { stdout, stderr, status } = await sct("list", "--json");
    assert.deepEqual([status, stderr], [0, ""]);
    const line = stdout.split("\n").find((text) => text.includes(`"uid":${USER}`));
    const { v, rule, syscall, waited_ms } = JSON.parse(line ?? "{}");
    assert.deepEqual([v, rule, syscall, typeof waited_ms], [1, "ask first", "unlink", "number"]);
    assert.equal((await sct("resume", String(pid))).status, 0);
    assert.deepEqual(await end, { code: 0, signal: null });
    const late = await sct("resume", String(pid));
    assert.deepEqual(
      [late.status, late.stderr],
      [1, `sct suspended: cannot resume process ${pid}: it is not suspended\n`],
    );
  });
});

test("a timeout lets the call run", async (t) => {
  if (!needsKernel(t)) return;
  await watch(rules("timeout = 300ms"), async () => {
    const { file, end } = await suspend("overdue");
    assert.deepEqual(await end, { code: 0, signal: null });
    assert.equal(existsSync(file), false);
    assert.deepEqual(await listed(), []);
  });
});
