import assert from "node:assert/strict";
import { test } from "node:test";
import { DamageError, NO_SITE, RingStream } from "./ring-stream.ts";
import { DISCARDED, frame } from "./testing/frame.ts";

const record = (site: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, site, true);
  return bytes;
};

/** Start, data and end of each record, with its site. */
function read(bytes: Uint8Array): number[][] {
  const found: number[][] = [];
  for (const ring = new RingStream(bytes); ring.next(); )
    found.push([ring.start, ring.offset, ring.length, ring.end, ring.site]);
  return found;
}

test("RingStream steps over records with their padding, and passes discarded ones over", () => {
  const bytes = Buffer.concat([
    frame(record(7, 13)),
    frame(record(8, 16), DISCARDED),
    frame(record(0x8000_0001, 16)),
  ]);
  assert.deepEqual(read(bytes), [
    [0, 8, 13, 24, 7],
    [48, 56, 16, 72, 0x8000_0001],
  ]);
  const ring = new RingStream(bytes);
  while (ring.next());
  assert.equal(ring.hasDiscarded, true);
  ring.rewind();
  assert.equal(ring.next() && ring.site, 7);
});

test("RingStream reads a part of larger memory, and not what is beside it", () => {
  const memory = Buffer.concat([frame(record(1, 8)), frame(record(2, 8)), frame(record(3, 8))]);
  assert.deepEqual(read(memory.subarray(16, 32)), [[0, 8, 8, 16, 2]]);
});

test("RingStream names no site for a record that is too short for one", () => {
  for (const length of [0, 1, 3])
    assert.deepEqual(
      read(frame(new Uint8Array(length)))
        .at(0)
        ?.at(-1),
      NO_SITE,
      `${length} bytes`,
    );
  assert.deepEqual(read(new Uint8Array(0)), []);
});

test("RingStream throws DamageError for every cut, whatever the bytes are", () => {
  const whole = frame(record(5, 21));
  for (let size = 1; size < whole.length; size++)
    assert.throws(() => read(whole.subarray(0, size)), DamageError, `${size} bytes`);
  let seed = 1;
  for (let round = 0; round < 2000; round++) {
    const bytes = new Uint8Array(round % 67);
    for (let i = 0; i < bytes.length; i++) {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
      bytes[i] = (seed >> 16) % 5 === 0 ? seed >> 8 : 0;
    }
    try {
      for (const [start = -1, offset = -1, length = -1, end = -1] of read(bytes))
        assert.ok(start % 8 === 0 && offset === start + 8 && offset + length <= end);
    } catch (error) {
      assert.ok(error instanceof DamageError, String(error));
    }
  }
});
