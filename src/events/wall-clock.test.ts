import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WallClock } from "./wall-clock.ts";

test("WallClock.set() adds the offset without losing a nanosecond", () => {
  const years = 200n * 365n * 86_400n * 1_000_000_000n;
  const time = fc.bigInt({ min: 0n, max: years });
  const offset = fc.bigInt({ min: -years, max: years });
  fc.assert(
    fc.property(time, offset, (bootNs, offsetNs) => {
      const clock = new WallClock(offsetNs);
      clock.set(Number(bootNs & 0xffff_ffffn), Number(bootNs >> 32n));
      const sum = BigInt(clock.seconds) * 1_000_000_000n + BigInt(clock.nanoseconds);
      assert.equal(sum, bootNs + offsetNs);
      assert.ok(clock.nanoseconds >= 0 && clock.nanoseconds < 1e9);
    }),
  );
});
