import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { RecordReader, RingStream } from "../events/index.ts";
import { RecordOffset } from "../events/layout.ts";
import type { StoredGeneration } from "./contract.ts";
import { HistoryError } from "./database/history-error.ts";
import { History } from "./history.ts";
import { HistoryReader } from "./history-reader.ts";
import { type Query, Selection } from "./selection.ts";
import { BOOT_OFFSET_NS, generation, RING, ringBytes, type Sample } from "./testing/records.ts";
import { directory, Stream } from "./testing/stream.ts";

const all: Query = { rules: [], pids: [], comms: [], paths: [] };
const RULES = ["first", "second", "third"];
/** What they say of themselves, and the call that each presents as unlink. */
const PRIORITIES = [undefined, 3, 7];
const TAGS = [["a"], ["a", "b"], []];
const CALLS = ["unlinkat", "unlinkat", "unlink"];

function speaking(): StoredGeneration {
  const made = generation(1, 0, ...RULES);
  const sites = made.sites.map((site, i) => {
    const priority = PRIORITIES[i];
    const said = { tags: TAGS[i] ?? [], ...(priority === undefined ? {} : { priority }) };
    const presentation = { ...site.presentation, call: CALLS[i] ?? "" };
    return { ...site, rule: { ...site.rule, ...said }, presentation };
  });
  return { ...made, sites };
}

/** Sequence numbers that a query finds, through filters and records. */
function find(file: string, query: Query): number[] {
  const reader = HistoryReader.open(file);
  const selection = new Selection(query);
  const record = new RecordReader();
  const seqs: number[] = [];
  for (const entry of reader.entries(selection, 0)) {
    const bytes = reader.records(entry.id);
    assert.ok(bytes !== undefined);
    for (const records = new RingStream(bytes); records.next(); ) {
      record.open(bytes, records.offset, records.length);
      const known = reader.generations.find(entry.ring, record.site);
      const site = known?.sites[record.site - known.firstSite];
      assert.ok(site !== undefined);
      const atUs = record.double(RecordOffset.time) / 1000 + Number(entry.bootOffsetNs) / 1000;
      if (selection.holds(record, site, atUs)) seqs.push(record.seq);
    }
  }
  reader.close();
  return seqs;
}

const sampleOf = fc.record({
  site: fc.nat(2),
  pid: fc.nat(3),
  comm: fc.constantFrom("rm", "sh", "a name of 16 by!"),
  path: fc.constantFrom("./a", "/b", "c\n"),
  file: fc.option(fc.constantFrom("/tmp/a", "/b", "/d"), { nil: undefined }),
  uid: fc.nat(2),
  exe: fc.option(fc.constantFrom("/bin/rm", "/usr/bin/rm", "/rm/x"), { nil: undefined }),
});
const someOf = <T>(...values: T[]) => fc.subarray(values, { maxLength: 2 });
const queryOf = fc.record({
  sinceMs: fc.option(
    fc.nat(400).map((ms) => Number(BOOT_OFFSET_NS / 1_000_000n) + ms),
    { nil: undefined },
  ),
  untilMs: fc.option(
    fc.nat(400).map((ms) => Number(BOOT_OFFSET_NS / 1_000_000n) + ms),
    { nil: undefined },
  ),
  rules: someOf(...RULES, "nobody", "*r*t", "s*"),
  priority: fc.option(fc.constantFrom(0, 3, 5, 7), { nil: undefined }),
  tags: someOf("a", "b", "c"),
  calls: someOf("unlinkat", "unlink", "open"),
  uids: someOf(0, 1, 9),
  exes: someOf("rm", "/bin/rm", "x"),
  pids: someOf(0, 1, 9),
  comms: someOf("rm", "a name of 16 by!", "x"),
  paths: someOf("./a", "/b", "/tmp/a"),
});

function isAsked(query: Query, sample: Sample): boolean {
  const any = <T>(values: readonly T[], ...own: (T | undefined)[]) =>
    values.length === 0 || values.some((value) => own.includes(value));
  const { site = 0 } = sample;
  const ms = sample.seq + Number(BOOT_OFFSET_NS / 1_000_000n);
  return (
    ms >= (query.sinceMs ?? 0) &&
    ms <= (query.untilMs ?? Number.POSITIVE_INFINITY) &&
    any(query.rules, ...namesOf(site)) &&
    (query.priority ?? 7) >= (PRIORITIES[site] ?? 5) &&
    any(query.tags ?? [], ...(TAGS[site] ?? [])) &&
    any(query.calls ?? [], CALLS[site], "unlink") &&
    any(query.uids ?? [], sample.uid) &&
    any(query.exes ?? [], sample.exe, sample.exe?.replace(/^.*\//, "")) &&
    any(query.pids, sample.pid) &&
    any(query.comms, sample.comm) &&
    any(query.paths, sample.path, sample.file)
  );
}

/** The name of a rule and the patterns above that mean it. */
function namesOf(site: number): (string | undefined)[] {
  return [[RULES[0], "*r*t"], [RULES[1], "s*"], [RULES[2]]][site] ?? [];
}

test("a query finds the events that hold it, and no others, in their order", (t) => {
  const path = directory(t);
  let files = 0;
  const appends = fc.array(fc.array(sampleOf, { maxLength: 40 }), { maxLength: 8 });
  fc.assert(
    fc.property(appends, queryOf, (parts, query) => {
      const file = join(path, `${files++}.db`);
      const history = History.open(file);
      history.setGenerations(RING, [speaking()]);
      const stored: Sample[] = [];
      let position = 0;
      for (const part of parts) {
        const samples = part.map((sample, i) => ({ ...sample, seq: stored.length + i + 1 }));
        stored.push(...samples);
        const bytes = ringBytes(samples);
        position += bytes.length;
        history.append({ bytes, ringId: RING, position, bootOffsetNs: BOOT_OFFSET_NS });
      }
      history.close();
      const expected = stored.filter((sample) => isAsked(query, sample)).map(({ seq }) => seq);
      assert.deepEqual(find(file, query), expected);
    }),
    { numRuns: 60 },
  );
});

test("events belong to the rule set that made them, also behind one without rules that begins where it does", (t) => {
  const file = join(directory(t), "history.db");
  const history = History.open(file);
  const stream = new Stream();
  const [first, none, second] = [generation(1, 0, "a"), generation(2, 1), generation(3, 1, "b")];
  history.setGenerations(RING, [first]);
  history.append(stream.next(2));
  history.setGenerations(RING, [first, none]);
  const reader = HistoryReader.open(file);
  const id = 1;
  assert.equal(reader.generations.find(id, 1), undefined);
  history.setGenerations(RING, [first, none, second]);
  history.append(stream.next(3, () => ({ site: 1 })));
  assert.equal(reader.generations.find(id, 1)?.generation, 3);
  assert.equal(reader.generations.find(id, 0)?.generation, 1);
  reader.close();
  assert.deepEqual(find(file, { ...all, rules: ["a"] }), [1, 2]);
  assert.deepEqual(find(file, { ...all, rules: ["b"] }), [3, 4, 5]);
  // what the service reports again after a restart changes nothing
  history.setGenerations(RING, [none, second]);
  assert.deepEqual(find(file, { ...all, rules: ["b"] }), [3, 4, 5]);
  history.close();
});

test("entries() come newest first when asked, over more than one page", (t) => {
  const file = join(directory(t), "history.db");
  const history = History.open(file);
  const stream = new Stream();
  for (let n = 0; n < 600; n++)
    history.append({ ...stream.next(1), reports: [{ kind: "loss", total: n, rules: {} }] });
  history.close();
  const reader = HistoryReader.open(file);
  const selection = new Selection(all);
  const ids = [...reader.entries(selection, 0)].map(({ id }) => id);
  assert.equal(ids.length, 1200);
  assert.deepEqual(
    [...reader.entries(selection, reader.last.id, true)].map(({ id }) => id),
    ids.toReversed(),
  );
  reader.close();
});

test("isReplaced and version show what the service did", (t) => {
  const file = join(directory(t), "history.db");
  const history = History.open(file);
  const stream = new Stream();
  history.append(stream.next(1));
  const reader = HistoryReader.open(file);
  const version = reader.version;
  assert.equal(reader.version, version);
  history.append(stream.next(1));
  assert.notEqual(reader.version, version);
  assert.equal(reader.isReplaced, false);
  renameSync(file, `${file}.old`);
  assert.equal(reader.isReplaced, true);
  reader.close();
  history.close();
});

test("open() says what is wrong", (t) => {
  const path = directory(t);
  const codeOf = (file: string): unknown => {
    try {
      HistoryReader.open(file).close();
      return "none";
    } catch (error) {
      assert.ok(error instanceof HistoryError);
      return error.code;
    }
  };
  assert.equal(codeOf(join(path, "none.db")), "missing");
  assert.equal(codeOf(fileOfText(path)), "damaged");
  const file = join(path, "history.db");
  History.open(file).close();
  assert.equal(codeOf(file), "none");
  if (process.geteuid?.() !== 0) return;
  process.seteuid?.(65_534);
  try {
    assert.equal(codeOf(file), "privilege");
  } finally {
    process.seteuid?.(0);
  }
});

function fileOfText(path: string): string {
  const file = join(path, "text.db");
  writeFileSync(file, "no database ".repeat(1000));
  return file;
}
