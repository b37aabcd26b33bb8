import assert from "node:assert/strict";
import { test } from "node:test";
import { SyscallError } from "../error.ts";
import { withFakeKernel } from "../testing/fake-kernel.ts";
import { NotifyListener } from "./seccomp.ts";

const [EINTR, ENOENT, ENOTTY] = [4, 2, 25];

test("receive() leaves what is gone again to the next try, and asks nothing of what is no listener", () => {
  withFakeKernel((fake) => {
    let result = 0;
    fake.syscall = () => result;
    const listener = new NotifyListener(7);
    assert.equal(listener.receive(), true);
    for (const errno of [ENOENT, EINTR]) {
      result = -errno;
      assert.equal(listener.receive(), false);
    }
    // a descriptor that is something else would be asked for ever
    result = -ENOTTY;
    assert.throws(() => listener.receive(), SyscallError);
    result = 0;
    listener.close();
    assert.equal(fake.blocksInUse, 0);
  });
});
