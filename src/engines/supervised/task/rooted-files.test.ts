/** Lookups that the kernel wants to be made again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { EAGAIN } from "../../../base/linux-abi.ts";
import { X64 } from "../../../sys/index.ts";
import { withFakeKernel } from "../../../sys/testing/fake-kernel.ts";
import { NameCalls } from "./rooted-files.ts";

const ROOT = 3;
const FOUND = 7;

for (const [refusals, expected] of [
  [20, FOUND],
  [Number.POSITIVE_INFINITY, -EAGAIN],
])
  test(`openIn() asks again while others rename: ${refusals} refusals`, () => {
    withFakeKernel((fake) => {
      let left = refusals ?? 0;
      fake.syscall = (nr) => {
        assert.equal(nr, X64.openat2);
        return left-- > 0 ? -EAGAIN : FOUND;
      };
      const calls = new NameCalls();
      assert.equal(calls.openIn(ROOT, "/a/../b", true), expected);
      calls.free();
      assert.equal(fake.blocksInUse, 0);
    });
  });
