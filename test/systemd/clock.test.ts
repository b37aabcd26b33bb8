/** The wall clock is set while the service runs: events come as before, in the order in which they happened. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { callSeen, needsSystemd, type SeenEvent, said, seen, show, until } from "./machine.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const setClock = (ms: number): Promise<string> =>
  said("date", "--set", `@${(ms / 1000).toFixed(3)}`);
const ours = async (...options: readonly string[]): Promise<readonly SeenEvent[]> =>
  (await seen(...options)).filter(({ name }) => name.startsWith("clock-"));
const names = (events: readonly SeenEvent[]): readonly string[] => events.map(({ name }) => name);

test("a clock that jumps ahead and back loses no event and no history", async (t) => {
  if (!needsSystemd(t)) return;
  const started = { wall: Date.now(), elapsed: performance.now() };
  const realNow = (): number => started.wall + performance.now() - started.elapsed;
  t.after(() => setClock(realNow()));
  const { MainPID, NRestarts } = await show("MainPID", "NRestarts");
  /** A call when the clock is this far ahead; waits until it is in the history. */
  const callAt = async (name: string, aheadMs: number): Promise<void> => {
    await setClock(realNow() + aheadMs);
    callSeen(`clock-${name}`);
    const found = await until(
      async () => names(await ours()),
      (all) => all.includes(`clock-${name}`),
    );
    assert.ok(found.includes(`clock-${name}`), found.join(" "));
  };

  await callAt("now", 0);
  await callAt("tomorrow", DAY);
  await callAt("earlier", DAY - 2 * HOUR);
  // in the order in which they happened, with the times that the clock showed
  const events = await ours();
  assert.deepEqual(names(events), ["clock-now", "clock-tomorrow", "clock-earlier"]);
  const [first, second, third] = events.map(({ atMs }) => atMs) as [number, number, number];
  const isMinute = (ms: number): boolean => Math.abs(ms) < 60_000;
  assert.ok(isMinute(second - first - DAY), new Date(second).toISOString());
  assert.ok(isMinute(second - third - 2 * HOUR), new Date(third).toISOString());
  // --since and --until go by these times
  assert.deepEqual(names(await ours("--since", "30m")), ["clock-tomorrow", "clock-earlier"]);
  assert.deepEqual(names(await ours("--until", "30m")), ["clock-now"]);

  // years ahead, what is kept 30 days would be too old
  await callAt("years", 800 * DAY);
  await callAt("back", 0);
  assert.deepEqual(names(await ours()), [
    "clock-now",
    "clock-tomorrow",
    "clock-earlier",
    "clock-years",
    "clock-back",
  ]);
  assert.deepEqual(await show("MainPID", "NRestarts"), { MainPID, NRestarts });
  const { problems } = JSON.parse(await said("sct", "status", "--json"));
  assert.deepEqual(problems, []);
});
