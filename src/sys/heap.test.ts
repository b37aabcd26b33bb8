import assert from "node:assert/strict";
import { test } from "node:test";
import { getHeapSpaceStatistics } from "node:v8";
import { Worker } from "node:worker_threads";
import { compactHeap } from "./heap.ts";

test("compactHeap() gives back what garbage took, and leaves no function behind", () => {
  const kept: object[] = [];
  // one in a hundred stays: pages are full of holes
  for (let made: object[] = [], n = 0; n < 1_000_000; n++) {
    const one = { n, text: `text ${n}` };
    made.push(one);
    if (n % 100 === 0) kept.push(one);
    if (made.length === 200_000) made = [];
  }
  assert.equal(compactHeap(), true);
  const old = getHeapSpaceStatistics().find((space) => space.space_name === "old_space");
  assert.ok(old && old.space_size < 1.5 * old.space_used_size, JSON.stringify(old));
  assert.equal(kept.length, 10_000);
  assert.equal("gc" in globalThis, false);
});

test("compactHeap() does nothing for a small heap", async () => {
  const file = new URL("./heap.ts", import.meta.url).href;
  const code = `import(${JSON.stringify(file)}).then(({ compactHeap }) => require("node:worker_threads").parentPort.postMessage(compactHeap()))`;
  const worker = new Worker(code, { eval: true });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  worker.once("message", resolve);
  worker.once("error", reject);
  assert.equal(await promise, false);
  await worker.terminate();
});
