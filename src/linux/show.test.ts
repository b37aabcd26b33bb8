import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCallInfo, formatCallTable, formatClass } from "./show.ts";

test("formatCall() reports numbers, parameters, conditions and classes", () => {
  assert.equal(
    formatCallInfo("unlink"),
    `unlink: x86_64 87, i386 10

parameters
  1  const char *pathname  path

stands for, besides itself
  unlinkat  x86_64 263, i386 301  (pathname)  if flag has no AT_REMOVEDIR

classes
  @file @delete @all
`,
  );
});

test("formatCall() reports where parameters of a multiplexed call are", () => {
  assert.match(
    formatCallInfo("connect") ?? "",
    /^ {2}socketcall {2}i386 102 {2}\(fd=args\[0\], uservaddr=args\[1\], addrlen=args\[2\]\) {2}if call is SYS_CONNECT$/m,
  );
  assert.match(formatCallInfo("openat") ?? "", /flags=how->flags, mode=how->mode/);
});

test("formatCall() knows what is gone and what is a form of another call", () => {
  assert.match(formatCallInfo("tuxcall") ?? "", /no longer implemented/);
  assert.match(formatCallInfo("stat64") ?? "", /what stat stands for/);
  assert.equal(formatCallInfo("opne"), undefined);
});

test("formatClass() and formatCallTable() list numbers of both ABIs", () => {
  assert.equal(
    formatClass("@delete"),
    "x86_64  i386  name\n    87    10  unlink\n    84    40  rmdir\n",
  );
  assert.equal(formatClass("@nothing"), undefined);
  assert.match(formatCallTable(), /^ {5}- {3}102 {2}socketcall$/m);
});
