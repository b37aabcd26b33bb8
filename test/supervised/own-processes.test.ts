/** Programs that take hold of sct itself: nothing waits for itself, and nobody answers in our place. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { logRule, mechanisms } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

/** Prints the errno of each call on a process, 0 for none. */
const ATTEMPTS = `import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def tried(what, nr, *args):
    failed = libc.syscall(nr, *(ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args)) < 0
    print(what, ctypes.get_errno() if failed else 0)
class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
byte = ctypes.create_string_buffer(1)
here, nowhere = Iovec(ctypes.addressof(byte), 1), Iovec(1, 1)
def all_on(name, pid):
    pidfd = os.pidfd_open(pid)
    tried(name + " seize", 101, 0x4206, pid, 0, 0)
    tried(name + " write", 311, pid, ctypes.byref(here), 1, ctypes.byref(nowhere), 1, 0)
    tried(name + " descriptor", 438, pidfd, 0, 0)
for thread in os.listdir(f"/proc/{sys.argv[1]}/task"):
    tried("thread attach", 101, 16, int(thread), 0, 0)
all_on("parent", os.getppid())
child = os.fork()
if child == 0:
    os.read(os.pipe()[0], 1)
all_on("child", child)
os.kill(child, 9)`;

for (const by of mechanisms) {
  const rule = logRule(by, "openat", "opened");

  testAsEach(`who traces sct is refused, and nothing hangs, by ${by}`, (place, t) => {
    if (spawnSync("strace", ["-V"]).error !== undefined) return t.skip("no strace");
    const script = "strace -f -p $PPID -o /dev/null; echo status $?";
    const { stdout, status } = place.under(rule, ["sh", "-c", script]);
    assert.equal(stdout, "status 1\n");
    assert.equal(status, 0);
  });

  testAsEach(`what takes hold of a process takes none of sct, by ${by}`, (place) => {
    // by notification the parent is the guard, and sct the parent of that
    const sct = by === "ptrace" ? "$PPID" : "$(sed -n 's/^PPid:\\t//p' /proc/$PPID/status)";
    const command = ["sh", "-c", `exec python3 -c "$1" ${sct}`, "sh", ATTEMPTS];
    const lines = place.under(rule, command).stdout.trimEnd().split("\n");
    const [threads, others] = [true, false].map((isThread) =>
      lines.filter((line) => line.startsWith("thread") === isThread),
    );
    assert.ok((threads?.length ?? 0) > 4, lines.join("\n"));
    assert.deepEqual([...new Set(threads)], ["thread attach 1"]);
    assert.deepEqual(others, [
      "parent seize 1",
      "parent write 1",
      "parent descriptor 1",
      // a process that is traced already has no second tracer
      `child seize ${by === "ptrace" ? 1 : 0}`,
      "child write 14",
      "child descriptor 0",
    ]);
  });
}
