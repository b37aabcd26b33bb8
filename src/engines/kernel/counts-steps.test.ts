import assert from "node:assert/strict";
import { test } from "node:test";
import { CountLayout } from "../../compiler/index.ts";
import { checked } from "../../compiler/testing/rules.ts";
import { readingCounts } from "./counts.ts";

/** What the event loop of the service may be held. */
const LONGEST_MS = 50;
const KEYS = 8192;
const RULES = 6;
const CPUS = 4;

/** Entries as a full map has them, some at a time. */
function* entriesOf(keySize: number, valueSize: number) {
  const key = new Uint8Array(keySize);
  const view = new DataView(key.buffer);
  const value = new DataView(new ArrayBuffer(valueSize));
  value.setBigUint64(0, 1n, true);
  const values = new Array<DataView>(CPUS).fill(value);
  for (let rule = 0; rule < RULES; rule++)
    for (let first = 0; first < KEYS; first += 64)
      yield Array.from({ length: 64 }, (_, i) => {
        view.setUint32(0, rule, true);
        // a text with its length before it
        view.setBigUint64(8, 240n, true);
        view.setUint32(16, first + i, true);
        return { key: key.slice(), values };
      });
}

test("readingCounts() of full maps has no step that holds a loop for long", () => {
  const text = Array.from(
    { length: RULES },
    (_, i) => `rule { rule_name = r${i} syscall_name = open action { type = COUNT by PARAMS[1] } }`,
  );
  const rules = checked(text.join("\n"));
  const [map] = new CountLayout(rules).maps();
  const { name = "", keySize = 0, valueSize = 0 } = map ?? {};
  const maps = new Map([
    [name, { entriesPerCpu: () => entriesOf(keySize, valueSize), lookupPerCpu: () => undefined }],
  ]);
  const steps = readingCounts({ rules, sites: [], firstSite: 0, maps });
  let longest = 0;
  let whole = 0;
  for (;;) {
    // of this thread: others that run meanwhile do not count
    const before = process.threadCpuUsage();
    const { done, value } = steps.next();
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    whole += (user + system) / 1000;
    if (done !== true) continue;
    assert.deepEqual(
      value.map(({ rows }) => rows.length),
      new Array(RULES).fill(KEYS),
    );
    break;
  }
  assert.ok(longest < LONGEST_MS, `${longest} ms of ${whole} ms`);
  assert.ok(whole > LONGEST_MS, `${whole} ms are no load`);
});
