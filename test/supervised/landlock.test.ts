/** A policy decides the same whatever enforces it: rules alone, Landlock with rules looking on, or Landlock alone where it can. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { X64 } from "../../src/sys/index.ts";
import { type Place, type Result, SCT, testAsEach } from "./sct.ts";

/** Makes calls and prints what each came to; files are those of the policy below. */
const PROGRAM = `
import os, socket, sys
def attempt(name, call):
    try:
        result = call()
        if isinstance(result, int) and result > 2: os.close(result)
        print(name, "ok")
    except OSError as error:
        print(name, "denied" if error.errno in (13, 18) else os.strerror(error.errno))
def opens(name, path, flags): attempt(name, lambda: os.open(path, flags, 0o644))
R, W, C = os.O_RDONLY, os.O_WRONLY, os.O_CREAT
opens("read a file of a folder", "lib/a", R)
opens("list the folder itself", "lib", R)
opens("read one file", "one", R)
opens("read what is in no list", "other", R)
opens("read and write what may be read", "lib/a", os.O_RDWR)
opens("read by a link into the folder", "link-in", R)
opens("read by a link out of the folder", "lib/link-out", R)
opens("O_PATH", "other", os.O_PATH)
opens("read what cannot be truncated", "lib/a", R | os.O_TRUNC)
opens("write", "out/a", W | C)
opens("write below", "out/sub/a", W | C)
opens("write one file", "log", W)
opens("write another", "other", W)
opens("make a name", "new", W | C)
opens("a file without a name", "out", W | os.O_TMPFILE)
opens("a file without a name elsewhere", "lib", W | os.O_TMPFILE)
attempt("truncate", lambda: os.truncate("out/a", 0))
attempt("truncate one file", lambda: os.truncate("log", 0))
attempt("truncate another", lambda: os.truncate("lib/a", 0))
attempt("mkdir", lambda: os.mkdir("out/d"))
attempt("mkdir elsewhere", lambda: os.mkdir("d"))
attempt("rename", lambda: os.rename("out/a", "out/b"))
attempt("rename below", lambda: os.rename("out/b", "out/sub/b"))
attempt("rename out", lambda: os.rename("out/sub/b", "b"))
attempt("rename in", lambda: os.rename("other", "out/other"))
attempt("link in", lambda: os.link("other", "out/other"))
attempt("link", lambda: os.link("out/sub/b", "out/c"))
attempt("symlink", lambda: os.symlink("/etc", "out/etc"))
attempt("symlink elsewhere", lambda: os.symlink("/etc", "etc"))
attempt("mkfifo", lambda: os.mkfifo("out/fifo"))
attempt("mkfifo elsewhere", lambda: os.mkfifo("fifo"))
attempt("unlink", lambda: os.unlink("out/c"))
attempt("unlink one file", lambda: os.unlink("log"))
attempt("unlink another", lambda: os.unlink("other"))
attempt("rmdir", lambda: os.rmdir("out/d"))
attempt("rmdir elsewhere", lambda: os.rmdir("empty"))
opens("read what is not there", "no", R)
opens("write what is not there", "no", W)
opens("make in no folder", "no/no", W | C)
opens("make what is there", "other", W | C | os.O_EXCL)
attempt("mkdir what is there", lambda: os.mkdir("lib"))
attempt("mkdir in no folder", lambda: os.mkdir("no/no"))
attempt("unlink what is not there", lambda: os.unlink("no"))
attempt("rename what is not there", lambda: os.rename("no", "no2"))
attempt("link to what is there", lambda: os.link("other", "one"))
attempt("symlink to what is there", lambda: os.symlink("other", "one"))
attempt("truncate what is not there", lambda: os.truncate("no", 0))
unix = lambda: socket.socket(socket.AF_UNIX)
attempt("bind", lambda: unix().bind("out/socket"))
attempt("bind elsewhere", lambda: unix().bind("socket"))
tcp = lambda: socket.socket()
attempt("bind a port", lambda: tcp().bind(("127.0.0.1", 0)))
attempt("bind another", lambda: tcp().bind(("127.0.0.1", 1026)))
attempt("connect", lambda: tcp().connect(("127.0.0.1", 1)))
attempt("connect elsewhere", lambda: tcp().connect(("127.0.0.1", 2)))
attempt("connect to another network", lambda: tcp().connect(("127.1.0.1", 1)))
datagram = lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
attempt("send", lambda: datagram().sendto(b"x", ("127.0.0.1", 2)) and None)
attempt("connect to a socket", lambda: unix().connect("server"))
attempt("connect to no socket", lambda: unix().connect("/run/no/socket"))
r, w = os.pipe()
opens("open a pipe again", "/proc/self/fd/%d" % w, W)
m = os.memfd_create("m")
opens("open memory again", "/proc/self/fd/%d" % m, os.O_RDWR)
def run(path):
    child = os.fork()
    if child == 0:
        try: os.execv(path, [path])
        except OSError as error: os._exit(error.errno)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status: raise OSError(status, "")
attempt("execute", lambda: run("/usr/bin/true"))
attempt("execute another", lambda: run("/usr/bin/env"))
attempt("execute what is not there", lambda: run("/usr/bin/no"))
attempt("execute a loader", lambda: run("/lib64/ld-linux-x86-64.so.2"))
attempt("execute memory", lambda: run("/proc/self/fd/%d" % m))
sys.stdout.flush()
`;

const EXPECTED: Readonly<Record<string, string>> = {
  "read a file of a folder": "ok",
  "list the folder itself": "ok",
  "read one file": "ok",
  "read what is in no list": "denied",
  "read and write what may be read": "denied",
  "read by a link into the folder": "ok",
  "read by a link out of the folder": "denied",
  O_PATH: "ok",
  "read what cannot be truncated": "denied",
  write: "ok",
  "write below": "ok",
  "write one file": "ok",
  "write another": "denied",
  "make a name": "denied",
  "a file without a name": "ok",
  "a file without a name elsewhere": "denied",
  truncate: "ok",
  "truncate one file": "ok",
  "truncate another": "denied",
  mkdir: "ok",
  "mkdir elsewhere": "denied",
  rename: "ok",
  "rename below": "ok",
  "rename out": "denied",
  "rename in": "denied",
  "link in": "denied",
  link: "ok",
  symlink: "ok",
  "symlink elsewhere": "denied",
  mkfifo: "ok",
  "mkfifo elsewhere": "denied",
  unlink: "ok",
  "unlink one file": "denied",
  "unlink another": "denied",
  rmdir: "ok",
  "rmdir elsewhere": "denied",
  "read what is not there": "No such file or directory",
  "write what is not there": "No such file or directory",
  "make in no folder": "No such file or directory",
  "make what is there": "File exists",
  "mkdir what is there": "File exists",
  "mkdir in no folder": "No such file or directory",
  "unlink what is not there": "No such file or directory",
  "rename what is not there": "No such file or directory",
  "link to what is there": "File exists",
  "symlink to what is there": "File exists",
  "truncate what is not there": "No such file or directory",
  bind: "ok",
  "bind elsewhere": "denied",
  "bind a port": "ok",
  "bind another": "denied",
  connect: "Connection refused",
  "connect elsewhere": "denied",
  "connect to another network": "denied",
  send: "denied",
  "connect to a socket": "denied",
  "connect to no socket": "No such file or directory",
  "open a pipe again": "ok",
  "open memory again": "ok",
  execute: "ok",
  "execute another": "denied",
  "execute what is not there": "No such file or directory",
  "execute a loader": "denied",
  "execute memory": "denied",
};

const policy = (directory: string, patterns: string): string =>
  `policy p {
  read { "/usr/**", "/etc/**", "/proc/**", "/dev/**", "DIR/lib/**", "DIR/one", "DIR/program", "DIR/out/**" ${patterns} }
  write { "DIR/out/**", "DIR/log", "/dev/null" }
  execute { "/usr/bin/python3", "/usr/bin/true", "/usr/bin/sh" }
  attributes { }
  connect { "127.0.0.1:1" }
  listen { "127.0.0.1:0" }
  unix { "DIR/out/**" }
  otherwise = FAIL EACCES
}`.replaceAll("DIR", directory);

function prepare(place: Place, patterns = ""): void {
  const file = (name: string, text = "") => writeFileSync(join(place.directory, name), text);
  place.plain(["sh", "-c", "rm -rf out lib empty"]);
  for (const name of ["out", "out/sub", "lib", "empty"]) mkdirSync(join(place.directory, name));
  for (const name of ["lib/a", "one", "other", "log", "server"]) file(name, name);
  file("program", PROGRAM);
  file("policy.conf", policy(place.directory, patterns));
  place.own(place.directory);
  place.plain(["sh", "-c", "ln -sf lib/a link-in; ln -sf ../other lib/link-out"]);
}

const COMMAND = ["/usr/bin/python3", "program"];
const WITHOUT = join(import.meta.dirname, "../programs/without.py");
const NO_LANDLOCK = ["/usr/bin/python3", WITHOUT, String(X64.landlock_create_ruleset)];
const BY_PTRACE = "getppid if RETVAL < 0";

const ways: Readonly<Record<string, (place: Place) => Result>> = {
  "Landlock, and rules that look on": (place) => place.run(["-f", "policy.conf"], COMMAND),
  "Landlock alone where it can": (place) => place.run(["-q", "-f", "policy.conf"], COMMAND),
  "rules alone": (place) =>
    place.plain([...NO_LANDLOCK, SCT, "run", "-f", "policy.conf", "--", ...COMMAND]),
  "rules alone, by ptrace": (place) =>
    place.plain([
      ...NO_LANDLOCK,
      SCT,
      "run",
      "-e",
      BY_PTRACE,
      "-f",
      "policy.conf",
      "--",
      ...COMMAND,
    ]),
};

const resultsOf = ({ stdout }: Result): Record<string, string> =>
  Object.fromEntries(
    stdout
      .trim()
      .split("\n")
      .map((line) => /^(.*) (ok|denied|[A-Z].*)$/.exec(line)?.slice(1) ?? [line, "?"]),
  );

for (const [how, run] of Object.entries(ways)) {
  testAsEach(`${how}: the same calls are denied`, (place) => {
    prepare(place);
    const result = run(place);
    assert.deepEqual(resultsOf(result), EXPECTED, result.stderr);
  });

  testAsEach(`${how}: a list with a pattern and an exception is as strict`, (place) => {
    prepare(place, `, "DIR/*.txt", not "DIR/lib/a"`);
    const result = run(place);
    const expected = {
      ...EXPECTED,
      "read a file of a folder": "denied",
      "read by a link into the folder": "denied",
    };
    assert.deepEqual(resultsOf(result), expected, result.stderr);
  });
}

testAsEach("what Landlock holds makes a line, and none with -q", (place) => {
  prepare(place);
  const shown = place.run(["-f", "policy.conf"], ["sh", "-c", "/usr/bin/true < other"]);
  assert.match(
    shown.stderr,
    /^"sh"\[\d+\]: denied: openat ".*\/other": not in read of p, line 2$/m,
  );
  const quiet = place.run(["-q", "-f", "policy.conf"], ["sh", "-c", "/usr/bin/true < other"]);
  assert.doesNotMatch(quiet.stderr, /denied: |sct: p/);
  assert.match(quiet.stderr, /cannot open other: Permission denied/);
  assert.equal(quiet.status, shown.status);
});

testAsEach("names that lead to nothing are said", (place) => {
  prepare(place, `, "/no/such/file"`);
  const { stderr, status } = place.run(["-f", "policy.conf"], ["/usr/bin/true"]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^sct: '\/no\/such\/file' does not exist: .* policy p /m);
});
