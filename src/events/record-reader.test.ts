import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeRecord, type RecordFields } from "./encode-record.ts";
import {
  COMM_SIZE,
  RECORD_HEADER_SIZE,
  RecordFlag,
  RecordOffset,
  TAIL_VALUE,
  TailStatus,
} from "./layout.ts";
import { RecordError, RecordReader } from "./record-reader.ts";
import { toBigInt } from "./text-buffer.ts";

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const u32Fields = [
  "site",
  "flags",
  "pid",
  "tid",
  "ppid",
  "loginuid",
  "uid",
  "gid",
  "suid",
  "sgid",
  "euid",
  "egid",
  "fsuid",
  "fsgid",
  "sessionid",
] as const;
const u64Fields = ["seq", "time", "duration", "retval"] as const;

const name = fc.uint8Array({ min: 1, max: 255, maxLength: COMM_SIZE });
const text = fc.record({
  status: fc.constantFrom(...Object.values(TailStatus)),
  bytes: fc.uint8Array({ maxLength: 40 }),
});
const value = fc.record({
  status: fc.constant(TailStatus.ok),
  bytes: fc.uint8Array({ minLength: 8, maxLength: 8 }),
});
const index = fc.integer({ min: 1, max: 6 });
const entry = fc.oneof(
  fc.tuple(index, text).map(([id, rest]) => ({ id, ...rest })),
  fc.tuple(index, value).map(([id, rest]) => ({ id: id + TAIL_VALUE, ...rest })),
);
const fields = fc.record({
  ...Object.fromEntries(u32Fields.map((field) => [field, u32])),
  ...Object.fromEntries(u64Fields.map((field) => [field, u64])),
  comm: name,
  pcomm: name,
  args: fc.array(u64, { minLength: 6, maxLength: 6 }),
  tail: fc.uniqueArray(entry, { selector: ({ id }) => id }),
}) as fc.Arbitrary<unknown> as fc.Arbitrary<Required<RecordFields>>;

test("RecordReader reads what encodeRecord() wrote, wherever it lies", () => {
  fc.assert(
    fc.property(fields, fc.nat(20), (written, before) => {
      const record = encodeRecord(written);
      const memory = new Uint8Array(before + record.length + 5).fill(0xee);
      memory.set(record, before);
      const reader = new RecordReader();
      reader.open(memory, before, record.length);
      for (const field of u32Fields) {
        assert.equal(reader.u32(RecordOffset[field]), written[field]);
      }
      for (const field of u64Fields) {
        const at = RecordOffset[field];
        assert.equal(toBigInt(reader.u32(at), reader.u32(at + 4)), written[field]);
      }
      for (const field of ["comm", "pcomm"] as const) {
        const at = RecordOffset[field];
        assert.deepEqual(
          memory.slice(reader.nameStart(at), reader.nameEnd(at)),
          Uint8Array.from(written[field]),
        );
      }
      for (let i = 1; i <= 6; i++) {
        const own = written.tail.find(({ id }) => id === i);
        assert.equal(reader.textStatus(i), own?.status ?? -1);
        if (own) {
          const read = memory.slice(reader.textStart(i), reader.textEnd(i));
          assert.deepEqual(read, Uint8Array.from(own.bytes));
        }
        const number = written.tail.find(({ id }) => id === TAIL_VALUE + i);
        assert.equal(reader.valueStatus(i), number?.status ?? -1);
        if (number) {
          const read = toBigInt(reader.valueWord(i, 0), reader.valueWord(i, 1));
          assert.equal(read, Buffer.from(number.bytes).readBigUInt64LE());
        }
      }
    }),
  );
});

test("RecordReader never reads outside of a hostile record", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.integer({ min: 0, max: 20 }),
      fc.nat(300),
      (bytes, count, length) => {
        if (bytes.length >= RECORD_HEADER_SIZE) bytes[RecordOffset.tailCount] = count;
        const reader = new RecordReader();
        try {
          reader.open(bytes, 0, length);
        } catch (error) {
          assert.ok(error instanceof RecordError, String(error));
          return;
        }
        for (let i = 1; i <= 6; i++) assert.ok(reader.textEnd(i) <= length);
      },
    ),
    { numRuns: 2000 },
  );
});

test("RecordReader.flags report that parameters are not shown whole", () => {
  const flagsOf = (id: number, status: number): number => {
    const tail = [{ id, status, bytes: new Uint8Array(8) }];
    const record = encodeRecord({ flags: RecordFlag.late, tail });
    const reader = new RecordReader();
    reader.open(record, 0, record.length);
    return reader.flags & ~RecordFlag.late;
  };
  assert.equal(flagsOf(1, TailStatus.ok), 0);
  assert.equal(flagsOf(1, TailStatus.null), 0);
  assert.equal(flagsOf(1, TailStatus.truncated), RecordFlag.truncated);
  assert.equal(flagsOf(2, TailStatus.unreadable), RecordFlag.unreadable);
  assert.equal(flagsOf(TAIL_VALUE + 1, TailStatus.unreadable), RecordFlag.unreadable);
  // read for a filter, but no parameter of this presentation
  assert.equal(flagsOf(0, TailStatus.truncated), 0);
});

test("RecordReader.open() refuses a record that is cut", () => {
  const record = encodeRecord({ tail: [{ id: 1, status: 0, bytes: Buffer.from("abc") }] });
  const reader = new RecordReader();
  for (const length of [0, RECORD_HEADER_SIZE - 1, RECORD_HEADER_SIZE, record.length - 8]) {
    assert.throws(() => reader.open(record, 0, length), RecordError);
  }
  assert.throws(() => reader.open(record, 8, record.length), RecordError);
});
