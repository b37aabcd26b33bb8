/** Calls that take their text in several pieces: rules see the whole of it. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { mechanisms } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

/** Prints `name errno` for each call that did not write all. */
const SCRIPT = `
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
out = os.open("out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
def tried(name, call, *args):
    try: call(*args)
    except OSError as error: print(name, error.errno)
class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("length", ctypes.c_size_t)]
def raw(count, *pieces):
    vector = (Iovec * len(pieces))(*pieces)
    if libc.syscall(20, out, vector, ctypes.c_ulong(count)) < 0: raise OSError(ctypes.get_errno(), "")
tried("whole", os.write, out, b"root:x")
tried("first", os.writev, out, [b"root:x", b"y"])
tried("second", os.writev, out, [b"x", b"root:x"])
tried("behind-empty", os.writev, out, [b"", b"root:x"])
tried("over-both", os.writev, out, [b"ro", b"ot:x"])
tried("pwritev", os.pwritev, out, [b"x", b"root:x"], 0)
tried("null", raw, 2, Iovec(None, 0), Iovec(b"root:x", 6))
tried("upper-half", raw, 2 << 32 | 2, Iovec(b"x", 1), Iovec(b"root:x", 6))
tried("last-of-many", os.writev, out, [b"a"] * 1000 + [b"root:"])
tried("long", os.write, out, b"x" * 5000 + b"root:")
tried("long-pieces", os.writev, out, [b"x" * 5000, b"y" * 100000 + b"ro", b"ot:"])
mega = 1 << 20
tried("huge", os.write, out, b"x" * (3 * mega - 2) + b"root:")
tried("huge-pieces", os.pwritev, out, [b"x" * mega, b"y" * mega + b"ro", b"ot:" + b"z" * mega], 0)
tried("long-other", os.writev, out, [b"x" * 5000, b"y"])
tried("huge-other", os.write, out, b"x" * (3 * mega))
tried("huge-pieces-other", os.writev, out, [b"roo" * mega, b"xt:" * mega])
tried("other", os.writev, out, [b"ro", b"ok:x"])
tried("many", os.writev, out, [b"a"] * 1024)
`;

const DENIED =
  "whole first second behind-empty over-both pwritev null upper-half last-of-many long long-pieces huge huge-pieces";
const RULE = `rule { syscall_name = write filter_expression { PARAMS[2] contains "root:" }
  action { type = FAIL error_code = EPERM } }`;

for (const mechanism of mechanisms) {
  testAsEach(`text in pieces is met as a whole, by ${mechanism}`, (place) => {
    const other = "rule { syscall_name = getppid when = after action { type = LOG } }";
    const rules = mechanism === "ptrace" ? RULE + other : RULE;
    const { status, stdout, stderr } = place.under(rules, ["/usr/bin/python3", "-c", SCRIPT]);
    assert.equal(status, 0, stderr);
    assert.equal(
      stdout,
      DENIED.split(" ")
        .map((name) => `${name} 1\n`)
        .join(""),
    );
  });
}

testAsEach("the length of a text in pieces is that of all, and the log says it", (place) => {
  const rule = `rule { syscall_name = write filter_expression { PARAMS[3] > 100 }
    action { type = LOG log_format {%sname %param3} } }`;
  const script = `import os
out = os.open("out", os.O_WRONLY | os.O_CREAT, 0o600)
os.writev(out, [b"a" * 60, b"b" * 60])
os.writev(out, [b"a" * 60, b"b" * 40])`;
  const { stderr } = place.under(rule, ["/usr/bin/python3", "-c", script]);
  assert.equal(stderr, "writev 120\n");
});

const LARGE = 256 * 1024;

testAsEach("programs that write much at once do so under a rule on what they write", (place) => {
  const rules = `rule { syscall_name = write, sendto filter_expression { PARAMS[2] contains "never written by anybody" }
    action { type = FAIL error_code = EIO } }`;
  const script = `set -e
    dd if=/dev/zero of=zeros bs=1M count=5 2>/dev/null; tar cf all.tar zeros; tar tf all.tar
    export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x
    git init -q -b main repo; cp zeros all.tar repo; cd repo; git add .; git commit -qm one; git fsck 2>&1; cmp all.tar ../all.tar`;
  const { status, stdout, stderr } = place.under(rules, ["sh", "-c", script]);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, "zeros\n");
  // nothing was left to on_unreadable
  assert.doesNotMatch(stderr, /^sct:/m);
});

testAsEach("arguments and texts are seen as long as a program takes them", (place) => {
  const rules = `rule { rule_name = last syscall_name = execve filter_expression { ARGV endswith " the last" }
      action { type = FAIL error_code = EACCES } }
    rule { rule_name = one syscall_name = execve filter_expression { ARGV[1] endswith "end" } action { type = LOG } }`;
  const script = `import subprocess, sys
def run(*arguments):
    try: print(subprocess.run(["/usr/bin/true", *arguments]).returncode)
    except OSError as error: print(error.errno)
run(*["argument"] * 20000, "the last")
run(*["argument"] * 20000)
run("x" * 130000 + "end")
run("x" * 130000 + "and")`;
  const { stdout, stderr } = place.under(rules, ["/usr/bin/python3", "-c", script]);
  assert.equal(stdout, "13\n0\n0\n0\n");
  assert.equal(stderr.match(/execve\(/g)?.length, 1);
});

testAsEach("of what a call reads, rules see as much as it has read", (place) => {
  writeFileSync(join(place.directory, "short"), "short");
  writeFileSync(join(place.directory, "large"), "x".repeat(LARGE));
  place.own(place.directory);
  const rules = `rule { syscall_name = read when = after filter_expression { COMM == "reader" && PARAMS[2] contains "secret" }
    action { type = LOG log_format {%sname %retval} } }`;
  const script = `import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(15, b"reader")
buffer = ctypes.create_string_buffer(${LARGE})
def read(name):
    ctypes.memset(buffer, 0, ${LARGE})
    ctypes.memmove(ctypes.addressof(buffer) + 1000, b"secret", 6)
    libc.read(os.open(name, os.O_RDONLY), buffer, ${LARGE})
read("short")
read("large")
os.write(os.open("large", os.O_WRONLY | os.O_APPEND), b"secret")
ctypes.memset(buffer, 0, ${LARGE})
large = os.open("large", os.O_RDONLY)
while os.readv(large, [bytearray(10), bytearray(${LARGE})]): pass`;
  const { stderr } = place.under(rules, ["/usr/bin/python3", "-c", script]);
  assert.equal(stderr, `readv ${LARGE + 6}\n`);
});
