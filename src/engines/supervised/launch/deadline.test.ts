import assert from "node:assert/strict";
import { test } from "node:test";
import { SIGKILL, SyscallError, X64 } from "../../../sys/index.ts";
import { withFakeKernel } from "../../../sys/testing/fake-kernel.ts";
import { startDeadline } from "./deadline.ts";

test("startDeadline() gives a start its time, then ends it", () => {
  withFakeKernel((fake) => {
    const killed: unknown[] = [];
    fake.syscall = (nr, ...args) => {
      killed.push([nr, ...args.slice(0, 2)]);
      return 0;
    };
    let now = 1000;
    const checkTime = startDeadline([7, 8], () => now);
    now += 29_999;
    checkTime();
    assert.deepEqual(killed, []);
    now++;
    assert.throws(checkTime, SyscallError);
    assert.deepEqual(
      killed,
      [7, 8].map((pid) => [X64.kill, pid, SIGKILL]),
    );
  });
});
