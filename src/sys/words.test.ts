import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Words } from "./words.ts";

const [BEFORE, AFTER] = [-(1n << 63n), 0x1a2b3c4dn];
/** Stores one and the other until the flag is set. */
const WRITER = `const { workerData } = require("node:worker_threads");
const wide = new BigInt64Array(workerData), flags = new Int32Array(workerData);
for (let i = 0; Atomics.load(flags, 4) === 0; i++) {
  Atomics.store(wide, 1, i % 2 ? ${BEFORE}n : ${AFTER}n);
  Atomics.store(flags, 5, i);
}`;

test("Words gives what was stored, never half of it", async () => {
  const memory = new SharedArrayBuffer(24);
  const words = new Words(new Uint8Array(memory));
  new BigInt64Array(memory)[1] = BEFORE;
  const worker = new Worker(WRITER, { eval: true, workerData: memory });
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  await new Promise((resolve) => worker.once("online", resolve));
  const seen = new Set<bigint>();
  for (let stores = 0; stores < 100_000 || seen.size < 2; stores = words.int32(20))
    seen.add(words.int64(8));
  Atomics.store(new Int32Array(memory), 4, 1);
  await ended;
  assert.deepEqual(seen, new Set([...seen].filter((one) => one === BEFORE || one === AFTER)));
});
