import assert from "node:assert/strict";
import { test } from "node:test";
import { explainThreadEnd } from "./thread.ts";

const TASK = { task: "load the rules", work: "compiling them", heapMb: 1024 };

/** As Node makes it. */
const withCode = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code });

test("explainThreadEnd() says what the machine is short of, and leaves bugs as they are", () => {
  assert.deepEqual(explainThreadEnd(undefined, TASK), [
    "Cannot load the rules: the thread that does it has ended",
  ]);
  const [memory] = explainThreadEnd(withCode("ERR_WORKER_OUT_OF_MEMORY", "limit"), TASK) ?? [];
  assert.equal(memory, "Cannot load the rules: compiling them takes more than 1024 MB");
  const starved = withCode("ERR_WORKER_INIT_FAILED", "Worker initialization failure: EMFILE");
  assert.deepEqual(explainThreadEnd(starved, TASK), [
    "Cannot load the rules in a thread: Worker initialization failure: EMFILE",
    undefined,
    starved,
  ]);
  assert.equal(explainThreadEnd(new TypeError("x is undefined"), TASK), undefined);
});
