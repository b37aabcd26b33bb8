import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { handleSignals } from "./signals.ts";

/** The signals that end sct, of all that it handles, where the command ended so long ago. */
function deadly(t: TestContext, sinceRootEndMs: number | undefined): string[] {
  return handled(t, { rootPid: undefined, sinceRootEndMs }, signals);
}

/** The signals that end sct, as they do, of those that are sent. */
function handled(
  t: TestContext,
  engine: Parameters<typeof handleSignals>[0],
  sent: readonly NodeJS.Signals[],
): string[] {
  const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
  const died: string[] = [];
  handleSignals(engine, (signal) => died.push(signal));
  const added = signals.flatMap((signal) =>
    process
      .listeners(signal)
      .filter((one) => before.get(signal)?.includes(one) !== true)
      .map((listener) => [signal, listener] as const),
  );
  t.after(() => {
    for (const [signal, listener] of added) process.off(signal, listener);
  });
  // not by emit: the runtime itself listens to some
  for (const [signal, listener] of added) if (sent.includes(signal)) listener(signal);
  return died;
}

const signals = ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

test("no signal ends sct while the command runs", (t) => {
  assert.deepEqual(deadly(t, undefined), []);
});

test("a Ctrl-C that the command has taken before it ended is not for sct", (t) => {
  assert.deepEqual(deadly(t, 1), ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"]);
});

test("all signals end sct where the command is gone and has left something behind", (t) => {
  assert.deepEqual(deadly(t, 1000), [...signals]);
});

test("a signal for a command that ended unseen ends sct once its end is seen", async (t) => {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  const { pid } = child;
  const ended = once(child, "exit");
  assert.ok(pid);
  const engine: { rootPid: number | undefined; sinceRootEndMs: number | undefined } = {
    rootPid: pid,
    sinceRootEndMs: undefined,
  };
  child.kill("SIGKILL");
  await ended;
  const died = handled(t, engine, ["SIGTERM"]);
  assert.deepEqual(died, []);
  engine.sinceRootEndMs = 0;
  while (died.length === 0) await turn();
  assert.deepEqual(died, ["SIGTERM"]);
});
