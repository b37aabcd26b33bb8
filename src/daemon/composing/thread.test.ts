import assert from "node:assert/strict";
import diagnostics_channel from "node:diagnostics_channel";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Worker } from "node:worker_threads";
import type { ServiceEngine } from "../engine.ts";
import { findPaths } from "../paths.ts";
import { RulesInForce } from "../rules/rules-in-force.ts";
import { type Job, workOn } from "./job.ts";
import { type Compose, composeInThread } from "./thread.ts";

const GOOD =
  'rule { rule_name = a syscall_name = unlink filter_expression { PARAMS[1] == "/a" } action { type = LOG } }';
const JOBS: readonly Job[] = [
  { kind: "compose", inForce: GOOD },
  {
    kind: "compose",
    inForce: GOOD,
    files: [{ name: "main.conf", text: 'include "sub.conf"' }],
    includes: [{ path: "sub.conf", from: "main.conf", name: "dir/sub.conf", text: "\nrule { x }" }],
  },
  { kind: "remove", inForce: GOOD, names: ["a"] },
  { kind: "remove", inForce: GOOD, names: ["b"] },
  { kind: "read", paths: ["/nonexistent/r.conf"] },
];

function rulesInForce(t: TestContext, compose?: Compose) {
  const directory = mkdtempSync(join(tmpdir(), "sct-compose-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const loaded: string[][] = [];
  const engine: Partial<ServiceEngine> = {
    current: undefined,
    abortLoading: () => {},
    async replace(rules) {
      loaded.push(rules.map(({ name }) => name));
      return { ok: false, diagnostics: [] };
    },
  };
  const rules = new RulesInForce(engine as ServiceEngine, findPaths(directory), {
    onRetired: () => {},
    onChanged: () => {},
    report: () => {},
    ...(compose && { compose }),
  });
  return { rules, loaded, directory };
}

/** Names of the threads that `act` begins. */
async function threadsOf(act: () => Promise<unknown>): Promise<readonly string[]> {
  const names: string[] = [];
  const receive = (message: unknown): void => {
    names.push((message as { worker: Worker & { threadName: string } }).worker.threadName);
  };
  diagnostics_channel.subscribe("worker_threads", receive);
  try {
    await act();
  } finally {
    diagnostics_channel.unsubscribe("worker_threads", receive);
  }
  return names;
}

test("a thread gives what the same job gives here: rules, diagnostics with line and column", async () => {
  for (const job of JOBS) {
    const result = await composeInThread(job);
    assert.deepEqual(result, workOn(job));
    if (!("diagnostics" in result) || result.composition !== undefined) continue;
    const [first] = result.diagnostics;
    assert.deepEqual([first?.span.file.name, first?.span.start], ["dir/sub.conf", 8]);
  }
});

test("every change of rules is read in a thread", async (t) => {
  const { rules, loaded, directory } = rulesInForce(t);
  const path = join(directory, "r.conf");
  writeFileSync(path, GOOD);
  const files = [{ name: "r.conf", text: GOOD }];
  for (const [count, change] of [
    [1, () => rules.upload(files, [])],
    [1, () => rules.replace(files, [])],
    // the files, then their text
    [2, () => rules.replaceByFiles([path])],
    [1, () => rules.delete()],
    [1, () => rules.delete(["a"])],
  ] as const)
    assert.deepEqual(await threadsOf(change), Array(count).fill("sct-compose"));
  assert.deepEqual(loaded, [["a"], ["a"], ["a"], []]);
});

test("and is not read here: what the thread says of a text counts", async (t) => {
  const said = workOn({ kind: "compose", inForce: GOOD });
  const { rules, loaded } = rulesInForce(t, (async () => said) as Compose);
  await rules.upload([{ name: "x", text: "no rule" }], []);
  assert.deepEqual(loaded, [["a"]]);
});

test("a thread is ended with the reason of the signal", async () => {
  const abort = new AbortController();
  const result = composeInThread({ kind: "compose", inForce: GOOD }, abort.signal);
  abort.abort(new Error("enough"));
  await assert.rejects(result, /^Error: enough$/);
  await assert.rejects(composeInThread({ kind: "read", paths: [] }, abort.signal), /enough/);
});
