/** The process between sct and the command: what it is, and where it may not be what it should. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { NR, X64 } from "../../src/sys/index.ts";
import { logRule } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

const RULE = logRule("notification", "rmdir");
const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");
const WITHOUT = join(import.meta.dirname, "../programs/without.py");
const NOT_HERE = 77;
const NUMBERS = {
  memfd_create: NR.memfd_create,
  close_range: 436,
  execveat: X64.execveat,
};

testAsEach("the guard has a memory of its own, of a few pages", (place) => {
  const script = `tr '\\0' ' ' </proc/$PPID/cmdline; cat /proc/$PPID/comm
    grep -E '^(VmRSS|Threads)' /proc/$PPID/status; ls /proc/$PPID/fd`;
  const { stdout } = place.under(RULE, ["sh", "-c", script]);
  const [names = "", resident = "", threads, ...descriptors] = stdout.split("\n");
  assert.deepEqual([names, threads], ["sct: guard sct", "Threads:\t1"]);
  assert.ok(Number(/\d+/.exec(resident)?.[0]) <= 64, resident);
  // what others may not see, nobody sees
  assert.deepEqual(descriptors, [""]);
});

/** The command stays a zombie until its tracer, a child of its own, is dead; that one the guard cannot see before. */
const TRACED = `import ctypes, os, time
libc = ctypes.CDLL(None)
command, guard = os.getpid(), os.getppid()
libc.prctl(0x59616d61, ctypes.c_ulong(2**64 - 1), 0, 0, 0) # PR_SET_PTRACER, any
if os.fork() == 0:
    print("traced", libc.ptrace(0x4206, command, 0, 0), flush=True) # PTRACE_SEIZE
    sct = int(open(f"/proc/{guard}/stat").read().rsplit(")", 1)[1].split()[1])
    os.kill(sct, 9)
    time.sleep(3)
    open("survived", "w").close()
else: time.sleep(1000)`;

testAsEach("who traces the command ends with it when sct is gone", (place) => {
  const { stdout, signal } = place.under(RULE, ["/usr/bin/python3", "-c", TRACED]);
  assert.deepEqual([stdout, signal], ["traced 0\n", "SIGKILL"]);
  assert.ok(!existsSync(join(place.directory, "survived")));
});

/** After which the command kills sct; says whether the guard has a memory of its own. */
const COMMAND = `grep -q ^sct: /proc/$PPID/cmdline; echo $?
  (setsid sleep 1000 & echo $! >daemon); rmdir /no/such
  kill -9 $(sed -n 's/^PPid:\t//p' /proc/$PPID/status); exec sleep 1000`;
const SCT = [process.execPath, MAIN, "run", "-o", "log", "-e", RULE, "--", "sh", "-c", COMMAND];
const UNTIL_NOBODY_IS_LEFT = `"$@"; echo "status $?"
  while kill -0 $(cat daemon) 2>/dev/null; do sleep 0.05; done`;
const IN_MEMORY_OF_SCT = "1\nstatus 137\n";

/** Sandboxes refuse one or another. */
for (const [call, number] of Object.entries(NUMBERS))
  testAsEach(`where ${call} is refused, the guard does its work all the same`, (place) => {
    const sct = ["/usr/bin/python3", WITHOUT, String(number), ...SCT];
    const { stdout, stderr } = place.plain(["sh", "-c", UNTIL_NOBODY_IS_LEFT, "sh", ...sct]);
    assert.equal(stdout, IN_MEMORY_OF_SCT, stderr);
  });

testAsEach("where no file in memory may be executed, it does its work all the same", (place, t) => {
  if (place.user.uid !== 0) return t.skip("only the superuser can forbid it");
  const script = `echo 2 >/proc/sys/vm/memfd_noexec || exit ${NOT_HERE}; ${UNTIL_NOBODY_IS_LEFT}`;
  const apart = ["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", script, "sh"];
  const { stdout, stderr, status } = place.plain([...apart, ...SCT]);
  if (status === NOT_HERE) return t.skip("this kernel cannot forbid it");
  assert.equal(stdout, IN_MEMORY_OF_SCT, stderr);
});
