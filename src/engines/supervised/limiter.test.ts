import assert from "node:assert/strict";
import { test } from "node:test";
import { type CallView, parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { Limiter } from "./limiter.ts";

/** A limiter, asked with the caller's number and name at a time in seconds. */
function limiterOf(limit: string) {
  const text = `rule { syscall_name = mkdir limit = ${limit} action { type = LOG } }`;
  const [rule] = parseRules([{ name: "t", text }], vocabulary).ruleSet?.rules ?? [];
  assert.ok(rule?.limit);
  const limiter = new Limiter(rule.limit);
  return (atS: number, uid = 0, comm: string | undefined = "a"): string => {
    const view = {
      intVariable: () => BigInt(uid),
      stringVariable: () =>
        comm === undefined ? undefined : { bytes: Buffer.from(comm, "latin1"), truncated: false },
    } as unknown as CallView;
    return limiter.admit(view, BigInt(Math.round(atS * 1000)) * 1_000_000n);
  };
}

const HELD = "held back";
const REPORTED = "reported";
const GAP = "reported after a gap";

test("Limiter reports as many as it may in a window, and says at the next whether some were held back", () => {
  const ask = limiterOf("2/s");
  const asked = [0, 0.1, 0.2, 0.999, 1, 1.1, 2.0, 2.1].map((at) => ask(at));
  assert.deepEqual(asked, [REPORTED, REPORTED, HELD, HELD, GAP, REPORTED, REPORTED, REPORTED]);
});

test("Limiter counts each key for itself", () => {
  const perUser = limiterOf("1/s per UID");
  assert.deepEqual([perUser(0, 1), perUser(0, 2), perUser(0, 1)], [REPORTED, REPORTED, HELD]);
  const perName = limiterOf("1/s per COMM");
  assert.deepEqual(
    [perName(0, 1, "a"), perName(0, 2, "a"), perName(0, 1, "\xff"), perName(0, 1, "\xfe")],
    [REPORTED, HELD, REPORTED, REPORTED],
  );
});

test("Limiter forgets the window that began first when there are too many", () => {
  const ask = limiterOf("1/h per UID");
  for (let uid = 0; uid < 10_001; uid++) assert.equal(ask(1, uid), REPORTED);
  // the newest ones are still known
  assert.equal(ask(2, 10_000), HELD);
  assert.equal(ask(2, 1), HELD);
  assert.equal(ask(2, 0), REPORTED);
});
