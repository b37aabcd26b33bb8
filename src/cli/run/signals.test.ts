import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { handleSignals } from "./signals.ts";

/** The signals that end sct, of all that it handles, where the command ended so long ago. */
function deadly(t: TestContext, sinceRootEndMs: number | undefined): string[] {
  const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
  const died: string[] = [];
  handleSignals({ rootPid: undefined, sinceRootEndMs }, (signal) => died.push(signal));
  const added = signals.flatMap((signal) =>
    process
      .listeners(signal)
      .filter((one) => before.get(signal)?.includes(one) !== true)
      .map((listener) => [signal, listener] as const),
  );
  t.after(() => {
    for (const [signal, listener] of added) process.off(signal, listener);
  });
  for (const [signal, listener] of added) listener(signal);
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
