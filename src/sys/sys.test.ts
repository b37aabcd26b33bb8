import assert from "node:assert/strict";
import { test } from "node:test";
import { EACCES, EBADF, EPERM, errnoName } from "./errno.ts";
import { SyscallError } from "./error.ts";
import { Fd } from "./fd.ts";
import { check, replaceKernel, syscall } from "./kernel.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";
import { startWait } from "./poll.ts";
import { liftMemlockLimit } from "./process.ts";
import { FakeKernel, withFakeKernel } from "./testing/fake-kernel.ts";

test("errnoName() knows kernel names and shows unknown numbers", () => {
  assert.equal(errnoName(1), "EPERM");
  assert.equal(errnoName(95), "EOPNOTSUPP");
  assert.equal(errnoName(524), "ENOTSUPP");
  assert.equal(errnoName(999), "errno 999");
});

test("syscall() on the real kernel returns results and -errno", () => {
  assert.equal(syscall(NR.getpid), process.pid);
  assert.equal(syscall(NR.close, -1), -EBADF);
});

test("check() names what was tried", () => {
  assert.equal(check(7, { call: "bpf" }), 7);
  // addresses look negative as 64-bit integers only from -4095 up
  assert.equal(check(-4096, { call: "mmap" }), -4096);
  assert.throws(
    () => check(-EPERM, { call: "bpf", command: "BPF_MAP_CREATE", what: "create map", hint: "h" }),
    (error) =>
      error instanceof SyscallError &&
      error.message === "Cannot create map: bpf(BPF_MAP_CREATE) gives EPERM" &&
      error.errno === EPERM &&
      error.errnoName === "EPERM" &&
      error.command === "BPF_MAP_CREATE" &&
      error.hint === "h",
  );
  assert.throws(() => check(-EACCES, { call: "mmap" }), { message: "Cannot mmap: EACCES" });
});

test("Fd closes once and cannot be used afterwards", () => {
  withFakeKernel((fake) => {
    const fd = new Fd(fake.openFd());
    assert.equal(fd.isOpen, true);
    fd.close();
    fd.close();
    assert.equal(fake.openFds.size, 0);
    assert.equal(fake.calls.length, 1);
    assert.throws(() => fd.number, /already closed/);
    const given = new Fd(fake.openFd());
    const number = given.release();
    given.close();
    assert.ok(fake.openFds.has(number));
  });
});

test("Memory is zeroed, shared with the kernel, and gone after free()", () => {
  const memory = Memory.allocate(16);
  assert.deepEqual([...memory.bytes], new Array(16).fill(0));
  memory.view.setUint32(4, 0x01020304, true);
  assert.equal(memory.bytes[4], 4);
  memory.free();
  memory.free();
  assert.equal(memory.bytes.length, 0);
  assert.throws(() => memory.view.getUint8(0), RangeError);
});

test("Memory.fromText() ends with NUL and refuses one inside", () => {
  using memory = Memory.fromText("ä");
  assert.deepEqual([...memory.bytes], [0xc3, 0xa4, 0]);
  assert.throws(() => Memory.fromText("a\0b"), RangeError);
});

test("startWait() resolves on readiness, on time-out and on cancel", async () => {
  const fd = new Fd(5);
  const fake = new FakeKernel();
  const restore = replaceKernel(fake);
  try {
    const ready = startWait(fd, Number.POSITIVE_INFINITY);
    fake.signalReadable(5);
    assert.equal(await ready.promise, true);
    const cancelled = startWait(fd, Number.POSITIVE_INFINITY);
    cancelled.cancel();
    assert.equal(await cancelled.promise, false);
    assert.equal(await startWait(fd, 0).promise, false);
    assert.equal(fake.watchesInUse, 0);
  } finally {
    restore();
  }
});

test("liftMemlockLimit() asks for no limit at all", () => {
  withFakeKernel((fake) => {
    fake.on("prlimit64", ([, resource, address = 0]) => {
      assert.equal(resource, 8);
      assert.ok(fake.bytesAt(address, 16).every((byte) => byte === 0xff));
      return 0;
    });
    liftMemlockLimit();
    assert.equal(fake.blocksInUse, 0);
  });
});
