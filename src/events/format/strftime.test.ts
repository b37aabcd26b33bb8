import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { TextBuffer } from "../text-buffer.ts";
import { WallClock } from "../wall-clock.ts";
import { compileTimeFormat } from "./strftime.ts";

/** Half an hour off, so that minutes are tested too; for one test, since others share the process. */
function inKolkata(t: TestContext): void {
  const { TZ } = process.env;
  process.env["TZ"] = "Asia/Kolkata";
  t.after(() => {
    if (TZ === undefined) delete process.env["TZ"];
    else process.env["TZ"] = TZ;
  });
}

function formatted(format: string, ns: bigint): string {
  const clock = new WallClock(0n);
  clock.set(Number(ns & 0xffff_ffffn), Number(ns >> 32n));
  const out = new TextBuffer();
  compileTimeFormat(format)(clock, out);
  return new TextDecoder().decode(out.view());
}

test("compileTimeFormat() writes the parts of strftime(3)", (t) => {
  inKolkata(t);
  // 2026-11-23T15:00:00.123456789Z
  const ns = 1_795_446_000_123_456_789n;
  const table: [string, string][] = [
    ["ISO", "2026-11-23T15:00:00.123456789Z"],
    ["%H:%M:%S", "20:30:00"],
    ["%F %T.%3N|%6N|%N|%f", "2026-11-23 20:30:00.123|123456|123456789|123456"],
    ["%Y%m%d %y %e %j", "20261123 26 23 327"],
    ["%a %A %b %B %I %p %R", "Mon Monday Nov November 08 PM 20:30"],
    ["%s %z %% %%N %Q", "1795446000 +0530 % %N %Q"],
  ];
  for (const [format, expected] of table) assert.equal(formatted(format, ns), expected);
});

test("compileTimeFormat() formats a new second after the old one", () => {
  const clock = new WallClock(0n);
  const write = compileTimeFormat("ISO");
  const out = new TextBuffer();
  for (const low of [999_999_999, 1_000_000_000]) {
    clock.set(low, 0);
    write(clock, out);
  }
  const expected = "1970-01-01T00:00:00.999999999Z1970-01-01T00:00:01.000000000Z";
  assert.equal(new TextDecoder().decode(out.view()), expected);
});
