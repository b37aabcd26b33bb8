import assert from "node:assert/strict";
import { test } from "node:test";
import { type Acting, type CheckedRule, parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import type { TracedCall } from "./call/traced-call.ts";
import { sumUp, whenResumed } from "./decide.ts";

const CALL = {} as TracedCall;

function rulesOf(...actions: readonly string[]): readonly CheckedRule[] {
  const text = actions.map((action) => `rule { syscall_name = mkdir ${action} }`).join("\n");
  const { ruleSet, diagnostics } = parseRules([{ name: "t", text }], vocabulary);
  assert.ok(ruleSet, diagnostics.map(({ message }) => message).join("\n"));
  return ruleSet.rules;
}

const acting = (rules: readonly CheckedRule[]): readonly Acting[] =>
  rules.map((rule) => ({ rule }) as Acting);

const LOG = "action { type = LOG }";
const FAIL = "action { type = FAIL error_code = EPERM }";
const KILL = "action { type = KILL }";
const SUSPEND = "action { type = SUSPEND timeout = 2s }";

for (const [actions, expected] of [
  [[LOG], { errno: 0, kill: false, suspends: 0, rewrites: 0 }],
  [[FAIL], { errno: 1, kill: false, suspends: 0, rewrites: 0 }],
  // the first one decides which error
  [
    [LOG, FAIL, "action { type = FAIL error_code = EACCES }"],
    { errno: 1, kill: false, suspends: 0, rewrites: 0 },
  ],
  [[KILL, LOG], { errno: 0, kill: true, suspends: 0, rewrites: 0 }],
  [[SUSPEND, SUSPEND], { errno: 0, kill: false, suspends: 2, rewrites: 0 }],
  [[`${SUSPEND} ${KILL}`, FAIL], { errno: 1, kill: true, suspends: 1, rewrites: 0 }],
  [
    ["action { type = REWRITE rewrite { PARAMS[2] = 0 } }"],
    { errno: 0, kill: false, suspends: 0, rewrites: 1 },
  ],
] as const)
  test(`sumUp() of ${actions.join(", ")}`, () => {
    const { errno, kill, suspends, rewrites } = sumUp(acting(rulesOf(...actions)), undefined);
    const found = { errno, kill, suspends: suspends.length, rewrites: rewrites.length };
    assert.deepEqual(found, expected);
  });

test("a call that continues after SUSPEND is not suspended again by that rule", () => {
  const rules = rulesOf(SUSPEND, SUSPEND);
  const [first, second] = rules;
  assert.ok(first && second);
  const all = acting(rules);
  const before = sumUp(all, undefined);
  const former = whenResumed(CALL, before, first);
  const again = sumUp(all, former);
  assert.deepEqual(
    again.suspends.map(({ rule }) => rule),
    [second],
  );
  assert.equal(again.suspends[0]?.timeoutNs, 2_000_000_000n);
  assert.deepEqual([...again.resumed], [first]);
  const last = sumUp(all, whenResumed(CALL, again, second));
  assert.deepEqual([last.suspends.length, last.resumed.size], [0, 2]);
});

test("rules that acted before a call is made again stay among those that acted", () => {
  const [log, fail] = rulesOf(LOG, FAIL);
  assert.ok(log && fail);
  const former = { call: CALL, acted: new Set([log]), resumed: new Set<CheckedRule>(), lifted: [] };
  assert.deepEqual([...sumUp(acting([fail]), former).acted], [log, fail]);
});
