/** What /proc does not say is unknown, never 0. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ENOENT } from "../../../base/linux-abi.ts";
import { X64 } from "../../../sys/index.ts";
import { withFakeKernel } from "../../../sys/testing/fake-kernel.ts";
import { hasAncestor } from "./ancestors.ts";
import { auditId } from "./namespaces.ts";
import { ProcFiles } from "./proc-files.ts";
import { Task } from "./task.ts";

const STATUS = `Name:\tx
Tgid:\t7
PPid:\t3
Uid:\t1\t2\t3\t4
Gid:\t5\t6\t7\t8
Groups:\tMANY
NStgid:\t7\t1
CapEff:\t00000000000000ff
`;

/** Runs `body` where each file of /proc has the text, of which a read gives as much as it has room for. */
function withText(text: string | undefined, body: (files: ProcFiles) => void): void {
  withFakeKernel((fake) => {
    fake.syscall = (nr, ...args) => {
      const [, address = 0, size = 0] = args;
      if (nr === X64.openat) return text === undefined ? -ENOENT : fake.openFd();
      if (nr !== X64.pread64) return 0;
      return Buffer.from(text ?? "").copy(fake.bytesAt(address, size));
    };
    const files = new ProcFiles();
    body(files);
    files.free();
    assert.equal(fake.blocksInUse, 0);
  });
}

for (const groups of [10, 65_536])
  test(`Task.credentials() reads a status with ${groups} groups to its end`, () => {
    withText(STATUS.replace("MANY", "4294967295 ".repeat(groups)), (files) => {
      const { caps, nsPid, tgid, ppid } = new Task(7, files).credentials() ?? {};
      assert.deepEqual({ caps, nsPid, tgid, ppid }, { caps: 0xffn, nsPid: 1, tgid: 7, ppid: 3 });
    });
  });

test("Task.credentials() has nothing for lines that are not there", () => {
  withText("Name:\tx\n", (files) => {
    const { caps, nsPid, tgid, ppid, uids } = new Task(7, files).credentials() ?? {};
    const unknown = { caps: undefined, nsPid: undefined, tgid: undefined, ppid: undefined };
    assert.deepEqual({ caps, nsPid, tgid, ppid }, unknown);
    assert.deepEqual(uids, []);
  });
});

test("Task.credentials() takes no part of a file for the whole", () => {
  withText("x".repeat(2_000_000), (files) =>
    assert.equal(new Task(7, files).credentials(), undefined),
  );
});

for (const [text, expected] of [
  ["1000\n", 1000n],
  ["4294967295", 0xffff_ffffn],
  ["", undefined],
  ["what\n", undefined],
] as const)
  test(`auditId() of ${JSON.stringify(text)}`, () => {
    withText(text, (files) => assert.equal(auditId(files, 7, "loginuid"), expected));
  });

test("auditId() does not take a thread that is gone for one that nobody has logged in for", (t) => {
  const files = new ProcFiles();
  t.after(() => files.free());
  const gone = 0x7fff_ffff;
  const own = auditId(files, process.pid, "loginuid");
  if (own === undefined) return t.skip("this kernel keeps no login");
  assert.equal(auditId(files, gone, "loginuid"), undefined);
});

test("hasAncestor() knows nothing of a chain that is cut", () => {
  withText("7 (sh) S", (files) => assert.equal(hasAncestor(files, 7, "init"), undefined));
});
