/** Threads, children, execve, signals: nothing is missed and nothing is seen twice. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { logRule, mechanisms } from "./mechanisms.ts";
import { build } from "./programs.ts";
import { logLines, type Place, testAsEach } from "./sct.ts";

function countCalls(place: Place, rule: string, command: readonly string[]): number {
  const log = join(place.directory, "log");
  const { status, signal, stderr } = place.run(["-o", log, "-e", rule], command);
  assert.deepEqual([status, signal], [0, null], stderr);
  return logLines(readFileSync(log, "utf8")).length;
}

/** The same as strace sees it; undefined where there is no strace. */
function countByStrace(place: Place, call: string, command: readonly string[]): number | undefined {
  const log = join(place.directory, "strace");
  const options = ["-f", "--seccomp-bpf", "-e", `trace=${call}`, "-o", log];
  const { status, stderr } = place.plain(["strace", ...options, ...command]);
  if (status === null) return undefined;
  assert.equal(status, 0, stderr);
  // a call that another thread's line interrupts has two lines: `<unfinished ...>` and `resumed`
  return logLines(readFileSync(log, "utf8")).filter((line) => line.includes(` ${call}(`)).length;
}

const CHILDREN = `import os
for i in range(500):
    if os.fork() == 0:
        try: os.rmdir("/no/such")
        except OSError: pass
        os._exit(0)
    if i % 10 == 9:
        for _ in range(10): assert os.wait()[1] == 0`;

for (const by of mechanisms) {
  testAsEach(`500 short-lived children are all seen, as by strace, by ${by}`, (place) => {
    const command = ["/usr/bin/python3", "-c", CHILDREN];
    assert.equal(countCalls(place, logRule(by, "rmdir"), command), 500);
    assert.equal(countByStrace(place, "rmdir", command) ?? 500, 500);
  });

  testAsEach(`64 threads making calls are all seen, as by strace, by ${by}`, (place, t) => {
    const program = build(t, "threads", "-pthread");
    if (program === undefined) return;
    const command = [program, "64", "25"];
    assert.equal(countCalls(place, logRule(by, "getppid"), command), 1600);
    assert.equal(countByStrace(place, "getppid", command) ?? 1600, 1600);
  });

  testAsEach(`execve from a thread ends the others, by ${by}`, (place, t) => {
    const program = build(t, "threads", "-pthread");
    if (program === undefined) return;
    const rules = `${logRule(by, "getppid")} ${logRule(by, "execve", "%params")}`;
    const log = join(place.directory, "log");
    const { status } = place.run(["-o", log, "-e", rules], [program, "exec", "/bin/true"]);
    assert.equal(status, 0);
    const lines = readFileSync(log, "utf8").split("\n");
    assert.equal(lines.filter((line) => line.includes("/bin/true")).length, 1);
  });

  testAsEach(`children of vfork execute, by ${by}`, (place, t) => {
    const program = build(t, "threads", "-pthread");
    if (program === undefined) return;
    // and the program itself
    assert.equal(countCalls(place, logRule(by, "execve"), [program, "vfork", "100"]), 101);
  });

  testAsEach(`interrupted calls continue, by ${by}`, (place, t) => {
    const program = build(t, "threads", "-pthread");
    if (program === undefined) return;
    const rule = logRule(by, "read");
    const limited = rule.replace("action", "filter_expression { PARAMS[3] == 1 } action");
    const count = countCalls(place, limited, [program, "timer", "200"]);
    if (by === "ptrace") assert.equal(count, 200);
    // each time that the kernel makes a call again, it asks again
    else assert.ok(count >= 200, String(count));
  });

  testAsEach(`a daemon is followed to its end, by ${by}`, (place) => {
    const script = "setsid sh -c 'sleep 0.3; rmdir /no/such' >/dev/null 2>&1 & exit 3";
    const log = join(place.directory, "log");
    const { status, stderr } = place.run(
      ["-o", log, "-e", logRule(by, "rmdir")],
      ["sh", "-c", script],
    );
    assert.equal(status, 3, stderr);
    assert.equal(logLines(readFileSync(log, "utf8")).length, 1);
  });

  testAsEach(`nobody survives when sct is killed, by ${by}`, async (place) => {
    // loops, sleepers and orphans, in this session and in others, and one that stands still
    const script = `loop='echo $$; while :; do rmdir /no/such 2>/dev/null; sleep 0.1; done'
      (setsid sh -c "$loop" &)
      (setsid sh -c 'echo $$; exec sleep 1000' &)
      sh -c "trap '' TERM HUP; $loop" &
      sh -c 'echo $$; kill -STOP $$' &
      sleep 1000 & echo $!
      sh -c "$loop"`;
    const child = place.start(["-o", "log", "-e", logRule(by, "rmdir")], ["sh", "-c", script]);
    let output = "";
    for await (const piece of child.stdout.iterator({ destroyOnReturn: false })) {
      output += piece;
      if (output.split("\n").length > 6) break;
    }
    const pids = output.trim().split("\n").map(Number);
    assert.equal(pids.filter(isAlive).length, 6, output);
    // the pipes close when the last process that has them is gone
    const ended = new Promise((resolve) => child.on("close", resolve));
    child.kill("SIGKILL");
    child.stdout.resume();
    child.stderr.resume();
    await ended;
    for (let i = 0; i < 100 && pids.some(isAlive); i++) await sleep(50);
    assert.deepEqual(pids.filter(isAlive), []);
  });

  testAsEach(`who kills the parent of the command ends the command, by ${by}`, (place) => {
    const rules = logRule(by, "rmdir");
    const { status, signal } = place.under(rules, ["sh", "-c", "kill -9 $PPID; exec sleep 1000"]);
    assert.deepEqual([status, signal], [null, "SIGKILL"]);
  });

  testAsEach(`signals to sct reach the command, by ${by}`, async (place) => {
    const script = 'trap "echo caught; exit 4" TERM; echo ready; while :; do sleep 0.05; done';
    const child = place.start(["-e", logRule(by, "rmdir")], ["sh", "-c", script]);
    let output = "";
    const status = new Promise((resolve) => child.on("exit", resolve));
    for await (const piece of child.stdout) {
      output += piece;
      if (output === "ready\n") child.kill("SIGTERM");
    }
    assert.equal(await status, 4);
    assert.equal(output, "ready\ncaught\n");
  });

  testAsEach(`what a command leaves behind ends with sct, by ${by}`, async (place) => {
    const child = place.start(["-e", logRule(by, "rmdir")], ["sh", "-c", "sleep 60 & echo $$ $!"]);
    const [numbers] = await once(child.stdout, "data");
    const [command = 0, left = 0] = String(numbers).split(" ").map(Number);
    // sct may not have heard of its end
    while (isAlive(command)) await sleep(1);
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [null, "SIGTERM"]);
    for (let i = 0; i < 100 && isAlive(left); i++) await sleep(20);
    assert.equal(isAlive(left), false);
  });

  testAsEach(`a stopped process stays stopped until SIGCONT, by ${by}`, (place) => {
    const script = `sleep 5 & pid=$!
      kill -STOP $pid; sleep 0.2; cut -d' ' -f3 /proc/$pid/stat
      kill -CONT $pid; sleep 0.2; cut -d' ' -f3 /proc/$pid/stat; kill $pid; wait $pid; exit $?`;
    const { stdout, status } = place.under(logRule(by, "rmdir"), ["sh", "-c", script]);
    // a traced process is not "stopped" but "stopped by its tracer"
    assert.match(stdout, by === "ptrace" ? /^[tT]\nS\n$/ : /^T\nS\n$/);
    assert.equal(status, 143);
  });
}

function isAlive(pid: number): boolean {
  try {
    // a zombie has no command line any more
    return readdirSync(`/proc/${pid}/task`).length > 0 && state(pid) !== "Z";
  } catch {
    return false;
  }
}

function state(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2)[0] ?? "";
}
