import assert from "node:assert/strict";
import { test } from "node:test";
import { Memory } from "../memory.ts";
import { ProcessMemory } from "./process-memory.ts";

const CAPACITY = 4096;

test("readSome() gives what fits, whatever is asked for: programs name any size", () => {
  using source = Memory.allocate(4 * CAPACITY);
  source.bytes.fill(7);
  const memory = new ProcessMemory(CAPACITY);
  for (const size of [CAPACITY + 1, 4 * CAPACITY, 2 ** 40, 2 ** 63, Number.POSITIVE_INFINITY]) {
    const bytes = memory.readSome(process.pid, source.address, size);
    assert.equal(bytes?.length, CAPACITY);
    assert.equal(
      bytes?.every((byte) => byte === 7),
      true,
    );
  }
  for (const size of [-1, Number.NaN])
    assert.equal(memory.readSome(process.pid, source.address, size), undefined);
  assert.equal(memory.read(process.pid, source.address, 3 * CAPACITY)?.length, 3 * CAPACITY);
  memory.close();
});
