import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatusAnswer } from "../../daemon/index.ts";
import { statusText } from "./status-text.ts";

const counts = { hits: 7, delivered: 6, limited: 0, dropped: 1, throttled: 0, unreadable: 2 };
const status: StatusAnswer = {
  counts: [],
  ok: true,
  isStarting: false,
  version: "1.0.0",
  pid: 12,
  startedAtMs: 0,
  uptimeMs: 61_000,
  engine: "kernel",
  paths: { pins: "/sys/fs/bpf/sct", state: "/var/lib/sct", socket: "/run/sct" },
  generation: 3,
  loadedAtMs: 0,
  rules: [
    { name: "one\n", actions: ["LOG", "FAIL"], ...counts, missed: 3, skipped: 4 },
    { name: "two", actions: ["LOG"], ...counts, missed: 0, skipped: 0 },
  ],
  notices: [],
  loading: null,
  recursionMisses: 4,
  measured: null,
  ring: { sizeBytes: 1 << 20, pendingBytes: 0 },
  events: 6,
  history: { state: "off", file: "", reason: "no directory", notStoredEvents: 0 },
  outputs: [{ name: "log", delivered: 5, lost: 1, waiting: 2 }],
  memory: {
    resident: 100 << 20,
    limit: 4 << 20,
    used: 1 << 20,
    waiting: 1 << 20,
    sending: 0,
    read: 0,
  },
  revertsInMs: null,
  problems: [],
};

test("statusText() shows what rules say of themselves", () => {
  const [one, two] = status.rules;
  assert.ok(one !== undefined && two !== undefined);
  const said = { priority: 4, tags: ["audit", "p\u200bci"], description: "who reads \x1b[2J" };
  const text = statusText({ ...status, rules: [{ ...one, ...said }, two] });
  const [, ...lines] = text.split("RULE").slice(2).join("").trimEnd().split("\n");
  assert.deepEqual(lines, ["one\\n  warning   audit,p\\u{200b}ci  who reads \\x1b[2J"]);
  assert.ok(!statusText(status).includes("DESCRIPTION"));
});

test("statusText() says what waits for outputs, and what memory that takes", () => {
  const text = statusText(status);
  assert.match(text, /^output +log: 5 delivered, 2 waiting, 1 lost$/m);
  assert.match(text, /^memory +100\.0 MiB; events on their way to outputs: 1\.0 of 4\.0 MiB$/m);
});

test("statusText() reports for each rule what became of its calls, skipped runs too", () => {
  const text = statusText(status);
  assert.match(text, /^kernel +pinned in \S+; 4 runs of rules skipped by the kernel$/m);
  const [title = "", ...rows] = text.slice(text.indexOf("RULE")).trimEnd().split("\n");
  const words = (line: string): string[] => line.split(/ {2,}/);
  assert.deepEqual(words(title).slice(-3), ["MISSED", "SKIPPED", "TIME"]);
  assert.deepEqual(
    rows.map((row) => words(row).slice(-3)),
    [
      ["3", "4", "-"],
      ["0", "0", "-"],
    ],
  );
  assert.match(rows[0] ?? "", /^one\\n /);
});

test("statusText() shows how far rules are that are being loaded", () => {
  const loading = {
    rules: 2,
    stage: "verifying",
    done: 1,
    total: 3,
    elapsedMs: 4_000,
    deadlineMs: 120_000,
  } as const;
  assert.match(
    statusText({ ...status, loading }),
    /^loading +loading 2 rules: the kernel verifies program 2 of 3; 4s of 2m at most$/m,
  );
  assert.doesNotMatch(statusText(status), /loading/);
});

test("statusText() wraps at words where a terminal ends, and keeps each name in front of its lines", () => {
  const problem = "events ".repeat(30).trim();
  const [one, two] = status.rules;
  assert.ok(one !== undefined && two !== undefined);
  const description = "who reads secrets of others ".repeat(6).trim();
  const shown = {
    ...status,
    problems: [problem],
    rules: [{ ...one, tags: ["a"], description }, two],
  };
  const width = 60;
  const head = statusText(shown, width).split("\nRULE")[0] ?? "";
  for (const line of head.split("\n")) assert.ok(line.length <= width, line);
  assert.match(head, /^problem {2}events [^\n]*events\n {9}events events/m);
  const about = statusText(shown, width).split("\nRULE")[2] ?? "";
  assert.match(about, /^one\\n {2}- {9}a {5}who reads [^\n]*\n {23}\S/m);
  for (const line of about.split("\n")) assert.ok(line.length <= width, line);
  // nobody who parses the text meets lines that end early
  assert.ok(statusText(shown).includes(problem));
});

test("statusText() names columns without numbers below the table where it has no room for them", () => {
  const zero = { limited: 0, dropped: 0, throttled: 0, unreadable: 0, missed: 0, skipped: 0 };
  const rules = status.rules.map((rule) => ({ ...rule, ...zero, kernelNs: 123_456_789 }));
  const [row] = rules;
  assert.ok(row !== undefined);
  const tableOf = (text: string) => text.slice(text.indexOf("RULE")).trimEnd().split("\n");
  const narrow = tableOf(statusText({ ...status, rules }, 80));
  assert.deepEqual(narrow[0]?.split(/ +/), ["RULE", "ACTIONS", "HITS", "TIME"]);
  assert.equal(
    narrow.at(-1),
    "0 for every rule: LIMITED, LOST, THROTTLED, UNREADABLE, MISSED, SKIPPED",
  );
  // one number keeps its column
  const lossy = tableOf(statusText({ ...status, rules: [row, { ...row, dropped: 1 }] }, 80));
  assert.deepEqual(lossy[0]?.split(/ +/), ["RULE", "ACTIONS", "HITS", "LOST", "TIME"]);
  // and with room all are there
  assert.equal(tableOf(statusText({ ...status, rules }, 120)).length, 3);
});

test("statusText() has no heading of a table for a rule that has counted nothing", () => {
  const none = { rule: "reads", by: ["COMM"], sum: ["RETVAL"], hist: [], rows: [], other: 0 };
  const text = statusText({ ...status, counts: [{ ...none, more: { keys: 0, count: 0 } }] });
  assert.match(text, /^COUNTED by reads: no call yet$/m);
  assert.ok(!text.includes("CALLS"));
});
