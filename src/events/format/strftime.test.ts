import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { type TestContext, test } from "node:test";
import { TIME_CONVERSIONS } from "../../language/time-format.ts";
import { TextBuffer } from "../text-buffer.ts";
import { WallClock } from "../wall-clock.ts";
import { compileTimeFormat } from "./strftime.ts";

/** For one test, since others share the process. */
function inZone(t: TestContext, zone: string): void {
  const { TZ } = process.env;
  process.env["TZ"] = zone;
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
  // half an hour off, so that minutes are tested too
  inZone(t, "Asia/Kolkata");
  // 2026-11-23T15:00:00.123456789Z
  const ns = 1_795_446_000_123_456_789n;
  const table: [string, string][] = [
    ["ISO", "2026-11-23T15:00:00.123456789Z"],
    ["%H:%M:%S", "20:30:00"],
    ["%F %T.%3N|%6N|%N|%f", "2026-11-23 20:30:00.123|123456|123456789|123456"],
    ["%Y%m%d %y %e %j", "20261123 26 23 327"],
    ["%a %A %b %B %I %p %R", "Mon Monday Nov November 08 PM 20:30"],
    ["%s %z %% %%N", "1795446000 +0530 % %N"],
    ["%c", "Mon Nov 23 20:30:00 2026"],
    ["%x %X %r %D %h %Z", "11/23/26 20:30:00 08:30:00 PM 11/23/26 Nov IST"],
    ["%-d/%-m %_H|%3e|%^a|%1N|%Ey%Od", "23/11 20| 23|MON|1|2623"],
  ];
  for (const [format, expected] of table) assert.equal(formatted(format, ns), expected);
});

/** Ends and beginnings of years, weeks and days, and both sides of summer time. */
const TIMES = [
  "2024-12-30T00:00:00Z",
  "2026-01-01T05:30:00Z",
  "2026-03-29T01:00:00Z",
  "2027-01-03T23:59:59Z",
  "2028-12-31T12:00:01Z",
];
for (const zone of ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
  test(`compileTimeFormat() writes what date(1) writes in ${zone}`, (t) => {
    inZone(t, zone);
    const letters = [...TIME_CONVERSIONS.replace(/[fN%]/g, "")];
    const padded = [..."CdegHIjklmMSuUVwWyYG"];
    const format = [
      ...letters.map((letter) => `${letter}=%${letter}`),
      ...padded.map((letter) => `%-${letter} %_${letter} %0${letter} %6${letter}`),
      ...[..."aAbBpZ"].map((letter) => `%^${letter}`),
    ].join("|");
    for (const time of TIMES) {
      const date = spawnSync("/bin/date", ["-d", time, `+${format}`], {
        env: { TZ: zone, LC_ALL: "C" },
        encoding: "utf8",
      });
      const ns = BigInt(Date.parse(time)) * 1_000_000n;
      assert.deepEqual(formatted(format, ns).split("|"), date.stdout.trimEnd().split("|"));
    }
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
