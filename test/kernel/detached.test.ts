/** A directory in a mount without a name has no name, and is not called as if its mount were the root. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { run, watch, workplace } from "./watching.ts";

after(assertNoObjects);

/** Only the threads of this test are called so. */
const COMM = `det${process.pid}`;

/** A call in a directory, in one of a namespace of its own, in a copy of its mount, and in one that is unmounted. */
const CALLS = `import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(): libc.syscall(83, b"/no/such/dir", 0)
os.chdir(sys.argv[1])
libc.prctl(15, b"${COMM}")
call()
if libc.unshare(0x20000) != 0: sys.exit(77)
call()
tree = libc.syscall(428, -100, b".", 0x80001) # OPEN_TREE_CLOEXEC | OPEN_TREE_CLONE
if tree < 0: sys.exit(77)
os.fchdir(tree)
call()
os.chdir(sys.argv[1])
libc.mount(None, b"/", None, 0x44000, None) # MS_REC | MS_PRIVATE
if libc.mount(b"none", b"sub", b"tmpfs", 0, None) != 0: sys.exit(77)
os.chdir("sub")
call()
libc.umount2(sys.argv[1].encode() + b"/sub", 2) # MNT_DETACH
call()`;

test("a directory in a mount without a name is unreadable", async (t) => {
  if (!needsKernel(t)) return;
  const directory = join(workplace().directory, "detached");
  mkdirSync(join(directory, "sub"), { recursive: true });
  const rule = `rule { syscall_name = mkdir filter_expression { COMM == "${COMM}" }
    action { type = LOG log_format {%cwd} } }`;
  let code: number | null = null;
  const { lines } = await watch(rule, async (watching) => {
    ({ code } = await run(["/usr/bin/python3", "-c", CALLS, directory], { uid: 0 }));
    if (code !== 77) await watching.until(5);
  });
  if (code === 77) return t.skip("this kernel has no open_tree, or not for us");
  const named = JSON.stringify(directory);
  assert.deepEqual(lines, [
    named,
    named,
    "(unreadable)",
    JSON.stringify(join(directory, "sub")),
    "(unreadable)",
  ]);
});
