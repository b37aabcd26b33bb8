/** What a rule says of itself, in every output that has a place for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SyslogConfig } from "./config/outputs.ts";
import { eventFields } from "./journald/event-fields.ts";
import { renderMetrics } from "./metrics/render.ts";
import type { RuleMetrics } from "./metrics/snapshot.ts";
import { logFields } from "./otlp/log-fields.ts";
import { MessageFormatter } from "./syslog/message.ts";
import { outputEvent } from "./testing/events.ts";

const about = { priority: 3, tags: ["audit", "pci"], description: 'who reads "it"' };
const speaking = outputEvent("text", about);
const silent = outputEvent("text");
const NOTICE = 5;

test("MessageFormatter has the severity of the rule, else that of the output", () => {
  const config = {
    facility: "daemon",
    severity: "notice",
    protocol: "rfc5424",
    maxMessage: 1024,
    transport: "udp",
  } as SyslogConfig;
  const formatter = new MessageFormatter(config);
  const content = { ts: silent.ts, rule: "r", text: "x" };
  assert.match(formatter.format(content).toString(), /^<29>1 /);
  assert.match(formatter.format({ ...content, severity: 0 }).toString(), /^<24>1 /);
  assert.match(formatter.format({ ...content, severity: 7 }).toString(), /^<31>1 /);
  assert.match(formatter.format(content).toString(), /^<29>1 /);
});

test("eventFields() has the priority of the rule, and a field for each tag", () => {
  const fields = (output: typeof silent, name: string) =>
    eventFields(output, NOTICE).flatMap(([one, value]) => (one === name ? [value] : []));
  assert.deepEqual(fields(speaking, "PRIORITY"), [3]);
  assert.deepEqual(fields(speaking, "SCT_TAG"), ["audit", "pci"]);
  assert.deepEqual(fields(speaking, "SCT_DESCRIPTION"), ['who reads "it"']);
  assert.deepEqual(fields(silent, "PRIORITY"), [NOTICE]);
  assert.deepEqual(fields(silent, "SCT_TAG"), []);
});

test("logFields() has what the rule says of itself", () => {
  const { priority, attributes } = logFields(speaking);
  assert.equal(priority, 3);
  assert.deepEqual(attributes["syscalltrack.tags"], ["audit", "pci"]);
  assert.equal(attributes["syscalltrack.description"], 'who reads "it"');
  const other = logFields(silent);
  assert.equal(other.priority, undefined);
  assert.ok(!("syscalltrack.tags" in other.attributes));
});

test("renderMetrics() has labels for priority and tags of rules that have them", () => {
  const counts = { matched: 7, delivered: 0, limited: 0, dropped: 0, unreadable: 0, missed: 0 };
  const rules: RuleMetrics[] = [
    { rule: "a", priority: 3, tags: ["audit", "pci"], ...counts },
    { rule: "b", ...counts },
  ];
  const snapshot = { version: "1", startedAtMs: 0, generation: 1, recursionMisses: 0 };
  const pieces = renderMetrics({ ...snapshot, rules, readerDropped: 0, outputs: [] });
  const text = [...pieces].join("");
  assert.match(
    text,
    /^syscalltrack_rule_hits_total\{rule="a",priority="err",tags="audit,pci"\} 7$/m,
  );
  assert.match(text, /^syscalltrack_rule_hits_total\{rule="b"\} 7$/m);
});
