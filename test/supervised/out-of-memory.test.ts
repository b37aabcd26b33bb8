/** The kernel is out of memory and kills: sct, of which nothing may be left then, or the command. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { logRule, mechanisms } from "./mechanisms.ts";
import { MemoryCgroup } from "./memory-cgroup.ts";
import { type Place, testAsEach } from "./sct.ts";

const PYTHON = "/usr/bin/python3";
const HOG = fileURLToPath(new URL("../programs/hog.py", import.meta.url));
const PERSISTENT = fileURLToPath(new URL("../programs/persistent.py", import.meta.url));

/** The process that the kernel kills first. */
const MOST_LIKELY = "1000";

for (const by of mechanisms) {
  const deny = `rule { syscall_name = unlink filter_expression { PATH endswith "/precious" }
    action { type = FAIL error_code = EPERM } } ${logRule(by, "rmdir")}`;

  testAsEach(`nobody survives when sct is killed for its memory, by ${by}`, async (place, t) => {
    const group = MemoryCgroup.create(t);
    if (group === undefined) return;
    const precious = prepared(place);
    const script = `${PYTHON} "$0" "$@"; echo ready; exec sleep 1000`;
    const command = ["sh", "-c", script, PERSISTENT, precious, place.directory];
    const child = group.around(() => place.start(["-o", "log", "-e", deny], command));
    const ended = new Promise((resolve) => child.on("exit", (_, signal) => resolve(signal)));
    child.stderr.resume();
    for await (const piece of child.stdout.iterator({ destroyOnReturn: false }))
      if (String(piece).includes("ready")) break;
    child.stdout.resume();
    // sct, the command and its daemon, and where it is a process of its own the guard
    assert.equal(group.pids().length, by === "ptrace" ? 3 : 4);

    writeFileSync(`/proc/${child.pid}/oom_score_adj`, MOST_LIKELY);
    group.around(() => spawn(PYTHON, [HOG, group.events], { stdio: "inherit" }));
    assert.equal(await ended, "SIGKILL");
    assert.deepEqual(await group.emptied(), []);
    // and the one that took the memory, when it was quicker than the end of sct
    assert.ok(group.kills() >= 1);
    assert.ok(existsSync(precious));
    assert.ok(!existsSync(join(place.directory, "succeeded")));
  });

  testAsEach(`a command that is killed for its memory is reported, by ${by}`, async (place, t) => {
    const group = MemoryCgroup.create(t);
    if (group === undefined) return;
    const script = `echo ${MOST_LIKELY} >/proc/self/oom_score_adj; exec ${PYTHON} "$0" "$1"`;
    const command = ["sh", "-c", script, HOG, group.events];
    const { status, signal, stderr } = group.around(() => place.run(["-e", deny], command));
    assert.deepEqual([status, signal], [null, "SIGKILL"], stderr);
    assert.equal(group.kills(), 1);
    assert.deepEqual(group.pids(), []);
  });
}

function prepared(place: Place): string {
  const precious = join(place.directory, "precious");
  writeFileSync(precious, "");
  place.own(place.directory);
  return precious;
}
