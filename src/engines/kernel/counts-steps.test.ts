import assert from "node:assert/strict";
import { test } from "node:test";
import { CountLayout } from "../../compiler/index.ts";
import { checked } from "../../compiler/testing/rules.ts";
import { readingCounts } from "./counts.ts";

const KEYS = 8192;
/** Read with one system call, and sorted at a time. */
const READ = 64;
const SORTED = 512;
const RULES = 6;
const CPUS = 4;

/** Entries as a full map has them, some at a time. */
function* entriesOf(keySize: number, valueSize: number, onRead: () => void) {
  const key = new Uint8Array(keySize);
  const view = new DataView(key.buffer);
  const value = new DataView(new ArrayBuffer(valueSize));
  value.setBigUint64(0, 1n, true);
  const values = new Array<DataView>(CPUS).fill(value);
  for (let rule = 0; rule < RULES; rule++)
    for (let first = 0; first < KEYS; first += READ) {
      onRead();
      yield Array.from({ length: READ }, (_, i) => {
        view.setUint32(0, rule, true);
        // a text with its length before it
        view.setBigUint64(8, 240n, true);
        view.setUint32(16, first + i, true);
        return { key: key.slice(), values };
      });
    }
}

test("readingCounts() of full maps reads and sorts some keys in a step", () => {
  const text = Array.from(
    { length: RULES },
    (_, i) => `rule { rule_name = r${i} syscall_name = open action { type = COUNT by PARAMS[1] } }`,
  );
  const rules = checked(text.join("\n"));
  const [map] = new CountLayout(rules).maps();
  const { name = "", keySize = 0, valueSize = 0 } = map ?? {};
  let reads = 0;
  const entriesPerCpu = () => entriesOf(keySize, valueSize, () => reads++);
  const maps = new Map([[name, { entriesPerCpu, lookupPerCpu: () => undefined }]]);
  const counting = readingCounts({ rules, sites: [], firstSite: 0, maps });
  let [steps, before, most] = [0, 0, 0];
  for (;;) {
    const { done, value } = counting.next();
    steps++;
    most = Math.max(most, reads - before);
    before = reads;
    if (done !== true) continue;
    assert.deepEqual(
      value.map(({ rows }) => rows.length),
      new Array(RULES).fill(KEYS),
    );
    break;
  }
  assert.equal(reads, (RULES * KEYS) / READ);
  assert.equal(most, 1, `${most} reads in a step`);
  const sorts = (RULES * KEYS) / SORTED;
  assert.ok(steps >= reads + sorts, `${steps} steps for ${reads} reads and ${sorts} runs to sort`);
});
