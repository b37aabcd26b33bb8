/** Starting a command, at the moments that a loaded machine may choose. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { launch } from "../../src/engines/supervised/launch/launch.ts";
import { syscall, X64 } from "../../src/sys/index.ts";
import { kernel, replaceKernel } from "../../src/sys/kernel.ts";

const ALLOW_ALL = Uint8Array.of(6, 0, 0, 0, 0, 0, 0xff, 0x7f);

test("launch() gives the listener of a command that ends before anybody looks", (t) => {
  const real = kernel();
  let waits = 0;
  const undo = replaceKernel({
    ...real,
    syscall(nr, ...args) {
      // the child runs to its end before our first look at it returns, and before it is made
      const isWait = nr === X64.wait4 || nr === X64.waitid;
      if (isWait && waits++ < 2) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      return real.syscall(nr, ...args);
    },
  });
  t.after(undo);
  const { guard, listenerFd } = launch({
    mechanism: "notify",
    program: Buffer.from("/bin/true"),
    argv: [Buffer.from("true")],
    environment: [],
    withheld: [],
    restriction: { ruleSets: [], flags: 0 },
    filter: ALLOW_ALL,
  });
  assert.ok(listenerFd >= 0);
  assert.ok(waits > 0);
  syscall(X64.close, listenerFd);
  let status: number | undefined;
  while (status === undefined) status = guard?.status();
  assert.equal(status, 0);
});
