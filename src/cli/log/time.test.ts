import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../errors.ts";
import { parseTimeMs } from "./time.ts";

const now = new Date(2026, 10, 23, 15, 0, 0).getTime();

for (const [text, expected] of [
  ["10m", now - 600_000],
  ["2h", now - 7_200_000],
  ["1.5h", now - 5_400_000],
  ["3d ago", now - 3 * 86_400_000],
  ["now", now],
  ["14:30", new Date(2026, 10, 23, 14, 30).getTime()],
  ["9:05:07", new Date(2026, 10, 23, 9, 5, 7).getTime()],
  ["today", new Date(2026, 10, 23).getTime()],
  ["yesterday", new Date(2026, 10, 22).getTime()],
  ["2026-11-20", new Date(2026, 10, 20).getTime()],
  ["2028-02-29", new Date(2028, 1, 29).getTime()],
  ["2026-11-20 08:01", new Date(2026, 10, 20, 8, 1).getTime()],
  ["2026-11-20T08:01:02.5Z", Date.UTC(2026, 10, 20, 8, 1, 2, 500)],
  ["2026-11-20T08:01+02:00", Date.UTC(2026, 10, 20, 6, 1)],
] as const) {
  test(`parseTimeMs() reads ${text}`, () => {
    assert.equal(parseTimeMs(text, "--since", now), expected);
  });
}

for (const text of [
  "",
  "soon",
  "25:00",
  "12:60",
  "-5m",
  "5",
  "2026-13-01",
  "2026-02-30",
  "2026-02-29T12:00Z",
  "2026-04-31 08:00",
  "2026-00-10",
  "2026-11-20T",
  "10m\n",
  "constructor",
  "__proto__",
]) {
  test(`parseTimeMs() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseTimeMs(text, "--since", now), UsageError);
  });
}
