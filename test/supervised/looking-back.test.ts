/** Rules with `when = after`: the call as it was when it began, also where it has changed who and what made it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { build } from "./programs.ts";
import { logLines, SCT, testAsEach } from "./sct.ts";

/** Of this test alone, for rules that hold on the whole machine. */
const USER = 1_000_000_000 + process.pid;

const THREAD_EXECUTES = `rule { rule_name = thread syscall_name = execve when = after
  filter_expression { PARAMS[1] == "/bin/sh" && RETVAL == 0 && PID != TID && EXE endswith "/threads_pthread" }
  on_unreadable = skip action { type = LOG log_format {%pid %tid %ppid %uid %comm %exe} }`;

function threadExecutes(t: TestContext): string[] | undefined {
  const program = build(t, "threads", "-pthread");
  return program === undefined ? undefined : [program, "exec", "/bin/sh", "-c", "echo $$; exit 5"];
}

testAsEach("KILL after an execve of another thread than the first", (place, t) => {
  const command = threadExecutes(t);
  if (command === undefined) return;
  const rule = `${THREAD_EXECUTES} action { type = KILL } }`;
  const { status, signal, stdout, stderr } = place.under(rule, command);
  assert.deepEqual([status, signal, stdout], [null, "SIGKILL", ""], stderr);
  const [line = ""] = logLines(stderr);
  const [pid, tid, ppid, uid, comm, exe] = line.split(" ");
  assert.notEqual(pid, tid);
  assert.ok(Number(ppid) > 0);
  assert.deepEqual([uid, comm, exe], [`${place.user.uid}`, '"threads_pthread"', `"${command[0]}"`]);
});

testAsEach("SUSPEND after an execve of another thread than the first", async (place, t) => {
  const command = threadExecutes(t);
  if (command === undefined) return;
  const child = place.start(["-e", `${THREAD_EXECUTES} action { type = SUSPEND } }`], command);
  let reported = "";
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (reported += text));
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  const closed = once(child, "close");
  let pid = 0;
  while (pid === 0 && child.exitCode === null) {
    await Promise.race([once(child.stderr, "data"), closed]);
    pid = Number(/kill -CONT (\d+)/.exec(reported)?.[1] ?? 0);
  }
  assert.notEqual(pid, 0, reported);
  while (!/\) [tT] /.test(readFileSync(`/proc/${pid}/stat`, "latin1")))
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(output, "");
  process.kill(pid, "SIGCONT");
  assert.deepEqual(await closed, [5, null], reported);
  assert.equal(output, `${pid}\n`);
});

/** Each of the calls changes something that its line shows. */
const CHANGES = `import os, sys
if os.getuid() == 0: os.setgroups([]); os.setgid(${USER}); os.setuid(${USER})
os.chdir("/usr"); os.chdir("lib"); os.fchdir(os.open("/", os.O_RDONLY))
os.mkdir(sys.argv[1] + "/old"); os.chdir(sys.argv[1] + "/old")
os.rename("../old", "../new"); os.rmdir("../new"); os.chdir("/")
os.execv("/bin/true", ["true"])`;

const SHOW = 'type = LOG log_format {%sname %comm %exe "%cwd" %uid %euid %gid %retval}';

function changes(user: number, condition: string): string {
  const looks = `when = after action { ${SHOW} }`;
  return `rule { syscall_name = chdir, fchdir, rename, rmdir, execve ${looks} filter_expression { ${condition} } }
    rule { syscall_name = setuid ${looks} filter_expression { PARAMS[1] == ${user} && UID == 0 && EUID != PARAMS[1] } }
    rule { syscall_name = setgid ${looks} filter_expression { PARAMS[1] == ${user} && GID != PARAMS[1] } }`;
}

testAsEach("calls that change directory, program and ids show those of before", (place) => {
  const { directory, user } = place;
  const condition = 'COMM == "python3" && EXE contains "/python3"';
  const command = ["/usr/bin/python3", "-c", CHANGES, directory];
  const { status, stderr } = place.under(changes(USER, condition), command);
  assert.equal(status, 0, stderr);
  const uid = user.uid === 0 ? USER : user.uid;
  const shown = logLines(stderr).map((line) =>
    line.replace(/"python3" "[^"]*\/python3[.0-9]*"/, "python").replaceAll('""', '"'),
  );
  const lines = [
    ...(user.uid === 0
      ? [`setgid python "${directory}" 0 0 0 0`, `setuid python "${directory}" 0 0 ${uid} 0`]
      : []),
    ...[
      `chdir python "${directory}"`,
      'chdir python "/usr"',
      'fchdir python "/usr/lib"',
      'chdir python "/"',
      `rename python "${directory}/old"`,
      `rmdir python "${directory}/new"`,
      `chdir python "${directory}/new"`,
      'execve python "/"',
    ].map((line) => `${line} ${uid} ${uid} ${uid} 0`),
  ];
  assert.deepEqual(shown, lines);
});

testAsEach("sct run and sct watch show the same afterwards", async (place, t) => {
  if (place.user.uid !== 0) return t.skip("sct watch needs root");
  const script = CHANGES.replace("os.rmdir", "os.stat");
  const rules = changes(USER, `UID == ${USER}`);
  const command = ["/usr/bin/python3", "-c", script, place.directory];
  const watch = spawn(SCT, ["watch", "-e", rules], { stdio: ["ignore", "pipe", "pipe"] });
  let reported = "";
  let watched = "";
  watch.stderr.setEncoding("utf8").on("data", (text) => (reported += text));
  watch.stdout.setEncoding("utf8").on("data", (text) => (watched += text));
  const closed = once(watch, "close");
  while (!reported.includes("sct: watching") && watch.exitCode === null)
    await Promise.race([once(watch.stderr, "data"), closed]);
  if (watch.exitCode !== null) return t.skip(`no kernel engine here: ${reported}`);
  const { status, stderr: problem } = place.plain(command);
  watch.kill("SIGINT");
  await closed;
  assert.equal(status, 0, problem);
  place.plain(["rmdir", "new"]);
  const { stderr } = place.under(rules, command);
  assert.deepEqual(logLines(stderr), logLines(watched));
  assert.equal(logLines(watched).length, 9, watched);
});
