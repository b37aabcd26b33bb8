/** The process between sct and the command: what it is, and where it may not be what it should. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { logRule } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

const RULE = logRule("notification", "rmdir");
const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");
const NOT_HERE = 77;

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

testAsEach("where it may execute no file in memory, it does its work all the same", (place, t) => {
  if (place.user.uid !== 0) return t.skip("only the superuser can forbid it");
  const inside = `grep -q ^sct: /proc/$PPID/cmdline; echo $?
    (setsid sleep 1000 & echo $! >daemon); rmdir /no/such
    kill -9 $(sed -n 's/^PPid:\t//p' /proc/$PPID/status); exec sleep 1000`;
  const outside = `echo 2 >/proc/sys/vm/memfd_noexec || exit ${NOT_HERE}
    "$@"; echo "status $?"; while kill -0 $(cat daemon) 2>/dev/null; do sleep 0.05; done`;
  const sct = [process.execPath, MAIN, "run", "-o", "log", "-e", RULE, "--", "sh", "-c", inside];
  const apart = ["unshare", "--pid", "--fork", "--mount-proc"];
  const { stdout, stderr, status } = place.plain([...apart, "sh", "-c", outside, "sh", ...sct]);
  if (status === NOT_HERE) return t.skip("this kernel cannot forbid it");
  // no such title: it is in the memory of sct
  assert.equal(stdout, "1\nstatus 137\n", stderr);
  assert.equal(status, 0);
});
