import assert from "node:assert/strict";
import { test } from "node:test";
import { printCall, u32 } from "./testing.ts";

const OPENAT = 257;
const READ = 0;
const WRITE = 1;

test("decodeEntry() prints names, numbers and paths", () => {
  const args = [0xffffff9cn, 0x1000, 0x80000n];
  const line = printCall({ nr: OPENAT, args, ret: 3, memory: { 4096: "/etc/passwd\0" } });
  assert.equal(line, 'openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3');
});

test("decodeExit() shows what the call returned of a buffer, and the address where it failed", () => {
  const call = { nr: READ, args: [3, 0x1000, 100], memory: { 4096: 'abc\x001\xff\n"\\' } };
  assert.equal(printCall({ ...call, ret: 9 }), 'read(3, "abc\\0001\\377\\n\\"\\\\", 100) = 9');
  assert.equal(
    printCall({ ...call, ret: -11 }),
    "read(3, 0x1000, 100) = -1 EAGAIN (Resource temporarily unavailable)",
  );
});

test("a buffer is cut at the limit, and is its address where not all of it is readable", () => {
  const call = { nr: WRITE, args: [1, 0x1000, 50], ret: 50 };
  const full = "x".repeat(50);
  assert.equal(
    printCall({ ...call, memory: { 4096: full } }),
    `write(1, "${"x".repeat(32)}"..., 50) = 50`,
  );
  assert.equal(printCall({ ...call, memory: { 4096: "x" } }), "write(1, 0x1000, 50) = 50");
  assert.equal(printCall({ ...call, memory: { 4096: u32(1) } }), "write(1, 0x1000, 50) = 50");
});

test("-x prints strings in hex that have foreign bytes, -xx all", () => {
  const call = { nr: WRITE, args: [1, 0x1000, 2], ret: 2 };
  const memory = { 4096: "a\x01" };
  assert.equal(
    printCall({ ...call, memory, options: { hex: "non-ascii" } }),
    'write(1, "\\x61\\x01", 2) = 2',
  );
  assert.equal(
    printCall({ ...call, memory: { 4096: "ab" }, options: { hex: "all" } }),
    'write(1, "\\x61\\x62", 2) = 2',
  );
});
