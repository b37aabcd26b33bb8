/** Lines, statuses and signals of sctrace are those of strace, for the calls that the options name. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { comparable, traceBoth } from "./beside.ts";

const threads = join(mkdtempSync(join(tmpdir(), "sct-strace-")), "threads.py");
writeFileSync(
  threads,
  "import threading\nts=[threading.Thread(target=lambda: open('/etc/hostname').close()) for _ in range(4)]\n[(t.start(), t.join()) for t in ts]\n",
);

/** Not what may stand for it in the search path. */
const PYTHON = "/usr/bin/python3";
const repository = mkdtempSync(join(tmpdir(), "sct-strace-git-"));
spawnSync("git", ["init", "--quiet", repository]);
after(() => rmSync(dirname(threads), { recursive: true }));
after(() => rmSync(repository, { recursive: true }));

/** Options and command; what is compared is the same in each run. */
const CASES: Readonly<Record<string, readonly string[]>> = {
  "files of ls -l": ["-e", "trace=openat,close,read,access", "ls", "-l", "/etc/passwd"],
  "commas too many": ["-e", "trace=,access,,", "-e", "signal=,chld", "ls"],
  "an argument that is written over": [
    ...["-e", "trace=chdir", "-e", "inject=chdir:poke_enter=@arg1=2f00"],
    ...["-e", "abbrev=none", "sh", "-c", "cd /nowhere"],
  ],
  "an argument and a result": [
    ...["-e", "trace=chdir", "-e", "inject=chdir:retval=0:poke_exit=@arg1=2f00"],
    ...["sh", "-c", "cd /nowhere"],
  ],
  "a signal that is sent, and nothing else": [
    ...["-e", "trace=chdir", "-e", "inject=chdir:signal=SIGCHLD", "sh", "-c", "cd /"],
  ],
  "an option that nobody knows": [
    ...["-e", "trace=prctl", PYTHON, "-S", "-c"],
    "import ctypes; ctypes.CDLL(None).prctl(-1, 1, 2, 3, 4)",
  ],
  "a pipe of a shell": [
    "-f",
    "-e",
    "trace=execve,pipe2,dup2,exit_group",
    "bash",
    "-c",
    "true | cat",
  ],
  "python and its files": ["-e", "trace=openat,close", PYTHON, "-S", "-c", "import json"],
  "git status": [
    "-f",
    "-e",
    "trace=openat,chdir,unlink",
    "git",
    "-C",
    repository,
    "status",
    "--short",
  ],
  "threads of python": ["-f", "-e", "trace=openat", "-P", "/etc/hostname", PYTHON, "-S", threads],
  "a signal that kills": ["-e", "trace=none", "sh", "-c", "kill -TERM $$"],
  "a signal that a shell handles": [
    "-e",
    "trace=none",
    "sh",
    "-c",
    "trap : USR1; kill -USR1 $$; exit 3",
  ],
  "a stop and what continues it": [
    "-f",
    "-e",
    "trace=none",
    "-e",
    "signal=STOP",
    "-e",
    "quiet=exit",
    "sh",
    "-c",
    "(while sleep 0.1; do kill -CONT $$; done) & kill -STOP $$; kill $!; wait",
  ],
  "failed calls alone": ["-Z", "-e", "trace=%file", "cat", "/nonexistent"],
  "calls that succeed": ["-z", "-e", "trace=openat", "cat", "/etc/hostname"],
  "a path": ["-P", "/etc/passwd", "-e", "trace=openat,read,close", "cat", "/etc/passwd"],
  "a fault at the second call": [
    "-e",
    "trace=chdir",
    "-e",
    "inject=chdir:error=ENOENT:when=2",
    "bash",
    "-c",
    "cd /; cd /; cd /",
  ],
  "a fault from the third call on": [
    "-e",
    "trace=chdir",
    "-e",
    "inject=chdir:error=EIO:when=3+",
    "bash",
    "-c",
    "cd /; cd /; cd /; cd /",
  ],
  "another result and a signal": [
    "-e",
    "trace=chdir",
    "-e",
    "inject=chdir:retval=0:signal=USR1:when=1",
    "bash",
    "-c",
    "trap : USR1; cd /nonexistent; cd /",
  ],
  "data that is written": [
    "-e",
    "trace=write",
    "-e",
    "write=1",
    "echo",
    "one line of more than sixteen bytes",
  ],
  "a filter in the kernel": [
    "-f",
    "--seccomp-bpf",
    "-e",
    "trace=openat",
    "sh",
    "-c",
    "cat /etc/hostname",
  ],
  "numbers of calls": ["-n", "-e", "trace=openat", "true"],
  "times in front and behind": ["-tt", "-T", "-e", "trace=openat", "true"],
  "a column and short strings": [
    "-a",
    "60",
    "-s",
    "5",
    "-e",
    "trace=openat,read",
    "cat",
    "/etc/hostname",
  ],
  "paths of descriptors": ["-y", "-e", "trace=read,close", "cat", "/etc/hostname"],
  "calls by a pattern": ["-e", "trace=/^(open|clo)", "true"],
  "a file that cannot be executed": ["-e", "trace=execve", "/etc/passwd"],
  "another environment": ["-E", "HERE=1", "-e", "trace=write", "sh", "-c", "echo $HERE"],
};

for (const [name, args] of Object.entries(CASES))
  test(`sctrace prints what strace prints: ${name}`, () => {
    const { strace, sctrace } = traceBoth(args);
    assert.deepEqual(sctrace, strace);
    assert.ok(strace.lines.length > 0);
  });

test("with -ff, each process has a file", () => {
  const { strace, sctrace } = traceBoth([
    "-ff",
    "-e",
    "trace=execve",
    "sh",
    "-c",
    "cat </dev/null; true",
  ]);
  assert.deepEqual(sctrace, strace);
});

test("comparable() joins what another process has interrupted", () => {
  const text = '10 read(3,  <unfinished ...>\n11 close(1) = 0\n10 <... read resumed>"", 5) = 0\n';
  assert.deepEqual(comparable(text), ["close(1) = 0", 'read(3, "", 5) = 0']);
});

test("a file that cannot be written is reported, and the command runs on", () => {
  const args = ["-e", "trace=read", "-o", "/dev/full", "sh", "-c", "exit 3"];
  for (const program of ["strace", join(import.meta.dirname, "../../bin/sctrace")]) {
    const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
    assert.equal(status, 3);
    // strace reports each try
    assert.match(stderr, /^(?:strace: \/dev\/full: No space left on device\n)+$/);
  }
});

test("an option of times adds to what another has said", () => {
  const options = ["precision:ms", "format:unix"].map((word) => `--absolute-timestamps=${word}`);
  const { stderr } = spawnSync(
    join(import.meta.dirname, "../../bin/sctrace"),
    [...options, "-e", "trace=none", "true"],
    { encoding: "utf8" },
  );
  assert.match(stderr, /^\d+\.\d{3} \+\+\+ exited with 0 \+\+\+\n$/);
});
