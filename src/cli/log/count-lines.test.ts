import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeRecord } from "../../events/encode-record.ts";
import { encodeText, RecordReader } from "../../events/index.ts";
import { TAIL_EXE, TAIL_PATH, TailStatus } from "../../events/layout.ts";
import { siteOf, unlinkat } from "../../events/testing/sites.ts";
import { ValueCounts } from "../../views/index.ts";
import { linesOf } from "./count-lines.ts";

const site = siteOf(unlinkat);

function tallied(tally: ValueCounts, ...comms: readonly string[]): ValueCounts {
  const reader = new RecordReader();
  for (const comm of comms) {
    const record = encodeRecord({ comm: encodeText(comm) });
    reader.open(record, 0, record.length);
    tally.add(reader, site);
  }
  return tally;
}

test("linesOf() has most first, in columns, and cuts what is wider than the terminal", () => {
  const many = Array.from({ length: 10 }, () => "sh");
  const tally = tallied(new ValueCounts("comm"), "rm", "a\tb", ...many, "a\tb");
  assert.deepEqual([...linesOf(tally, false)], ['10  "sh"', ' 2  "a\\tb"', ' 1  "rm"']);
  assert.deepEqual([...linesOf(tally, false, 7)], ['10  "s…', ' 2  "a…', ' 1  "r…']);
  assert.deepEqual([...linesOf(tally, true, 7)].at(0), '{"comm":"sh","count":10}');
});

test("ValueCounts keeps a limited number of values apart, and counts all events", () => {
  const tally = tallied(new ValueCounts("comm", 2), "a", "b", "c", "a", "d");
  assert.deepEqual([...linesOf(tally, false)], ['2  "a"', '1  "b"', "2  (others)"]);
  assert.deepEqual([tally.events, tally.others], [5, 2]);
});

test("ValueCounts knows the fields of an event, and says where it has none", () => {
  const reader = new RecordReader();
  const tail = (id: number, text: string) => ({
    id,
    status: TailStatus.ok,
    bytes: encodeText(text),
  });
  const named = encodeRecord({ uid: 7, tail: [tail(1, "./a")] });
  const resolved = encodeRecord({
    uid: 0xffff_ffff,
    tail: [tail(1, "./a"), tail(TAIL_EXE, "/bin/rm"), tail(TAIL_PATH, "/tmp/a")],
  });
  const lines = (field: string): readonly string[] => {
    const tally = new ValueCounts(field);
    for (const record of [named, resolved]) {
      reader.open(record, 0, record.length);
      tally.add(reader, site);
    }
    return [...linesOf(tally, false)];
  };
  assert.deepEqual(lines("uid"), ["1  7", "1  (none)"]);
  assert.deepEqual(lines("exe"), ['1  "/bin/rm"', "1  (none)"]);
  assert.deepEqual(lines("path"), ['1  "./a"', '1  "/tmp/a"']);
  assert.deepEqual(lines("syscall"), ["2  unlinkat"]);
  assert.deepEqual(lines("rule"), ["2  unlink_rule1"]);
});

test("ValueCounts takes names that objects have", () => {
  const tally = tallied(new ValueCounts("comm"), "constructor", "__proto__", "constructor");
  assert.deepEqual(
    [...linesOf(tally, true)],
    ['{"comm":"constructor","count":2}', '{"comm":"__proto__","count":1}'],
  );
});
