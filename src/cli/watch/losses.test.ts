import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineCounters, RuleCounters } from "../../engines/engine.ts";
import { lossesOf, lossesSince } from "./losses.ts";
import { summarize } from "./summary.ts";

const quiet: RuleCounters = {
  rule: "a",
  matched: 10,
  delivered: 10,
  limited: 0,
  dropped: 0,
  unreadable: 0,
  missed: 0,
  skipped: 0,
};

function counters(...rules: Partial<RuleCounters>[]): EngineCounters {
  return {
    rules: rules.map((rule) => ({ ...quiet, ...rule })),
    recursionMisses: 0,
    readerDropped: 0,
  };
}

test("lossesSince() counts what was lost in between, per rule", () => {
  const before = lossesOf(counters({ dropped: 3 }, { rule: "b" }));
  const now = counters({ dropped: 5 }, { rule: "b", dropped: 1 }, { rule: "c" });
  const report = lossesSince(before, lossesOf({ ...now, readerDropped: 4 }));
  assert.deepEqual({ ...report, rules: { ...report?.rules } }, { total: 7, rules: { a: 2, b: 1 } });
  assert.equal(lossesSince(before, before), undefined);
});

test("summarize() is silent about rules whose calls all have their line", () => {
  assert.deepEqual(summarize(counters({}, { rule: "b" })), []);
});

test("summarize() reports each count", () => {
  const line = { rule: "b\n", dropped: 2, limited: 1, missed: 3, skipped: 6, unreadable: 4 };
  assert.deepEqual(summarize({ ...counters({}, line), readerDropped: 5 }), [
    String.raw`b\n: 10 matched; 2 lost, buffer full; 3 could not be evaluated (no memory) or acted on (process 1); 6 runs skipped by the kernel, of programs that work for it; 1 not reported because of the limit; 4 decided by on_unreadable`,
    "5 events lost, output too slow",
  ]);
});

test("summarize() reports on rules that print no lines", () => {
  const deny = { rule: "deny", matched: 3, delivered: 2, limited: 1 };
  const none = { rule: "none", matched: 0, delivered: 0 };
  assert.deepEqual(summarize(counters({}, deny, none), 0, new Set(["deny", "none"])), [
    "deny: 3 matched; 1 not reported because of the limit; 2 without a line: no LOG action, --json shows them",
  ]);
});

test("summarize() reports counts that began again", () => {
  const [line] = summarize({ ...counters({}), forgottenCounts: 3 });
  assert.match(line ?? "", /^3 counts of occurrence or threshold began again/);
});
