/** A process whose call is decided may be gone by then, and its number another one's. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { openSupervisedEngine } from "../../src/engines/supervised/index.ts";
import { parseRules } from "../../src/language/index.ts";
import { vocabulary } from "../../src/linux/index.ts";

/** Makes the call in a child, whose number is free as soon as it is dead. */
const CALLS = `import os, sys
if os.fork() == 0:
    os.rmdir("/no/such")
    os._exit(0)
os.wait()`;

/** A process with that number: clone3(2) with set_tid. Prints its number, or the errno below 0. */
const TAKES = `import ctypes, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
wanted = ctypes.c_int(int(sys.argv[1]))
arguments = (ctypes.c_ulonglong * 11)()
arguments[8] = ctypes.addressof(wanted)
arguments[9] = 1
pid = libc.syscall(435, arguments, 88)
if pid == 0:
    for fd in range(3): os.close(fd)
    time.sleep(60)
    os._exit(0)
print(pid if pid > 0 else -ctypes.get_errno())`;

for (const [what, actions] of [
  ["killed", "action { type = LOG } action { type = KILL }"],
  ["stopped", "action { type = LOG } action { type = SUSPEND }"],
] as const)
  test(`who has taken the number of a process that is gone is not ${what} in its place`, async (t) => {
    if (process.getuid?.() !== 0) return t.skip("only the superuser chooses numbers of processes");
    const rule = `rule { syscall_name = rmdir ${actions} }`;
    const { ruleSet } = parseRules([{ name: "-e", text: rule }], vocabulary);
    const opened = openSupervisedEngine({
      rules: ruleSet?.rules ?? [],
      reportsAll: true,
      ask: undefined,
      report: () => {},
    });
    assert.ok(opened.ok);
    const { engine } = opened;
    const command = {
      program: Buffer.from("/usr/bin/python3"),
      argv: ["python3", "-c", CALLS].map((text) => Buffer.from(text)),
      environment: [Buffer.from("PATH=/usr/bin:/bin")],
    };
    let taken = 0;
    const sink = {
      // between the notification and the answer to it
      record() {
        const caller = childOf(engine.rootPid ?? 0);
        process.kill(caller, "SIGKILL");
        const deadline = performance.now() + 20_000;
        while (existsSync(`/proc/${caller}`)) assert.ok(performance.now() < deadline);
        const { stdout, stderr } = spawnSync("/usr/bin/python3", ["-c", TAKES, String(caller)]);
        taken = Number(stdout);
        assert.equal(taken, caller, String(stderr));
      },
    };
    void engine.events(sink, Number.POSITIVE_INFINITY);
    await engine.run(command);
    assert.ok(taken > 0);
    t.after(() => process.kill(taken, "SIGKILL"));
    assert.equal(stateOf(taken), "S");
  });

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ")[0]);
}

function stateOf(pid: number): string {
  return /^State:\t(.)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? "";
}
