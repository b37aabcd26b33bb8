/** Calls that take their text in several pieces: rules see the whole of it. */
import assert from "node:assert/strict";
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
tried("long", os.writev, out, [b"x" * 5000, b"y"])
tried("last-of-many", os.writev, out, [b"a"] * 1000 + [b"root:"])
tried("other", os.writev, out, [b"ro", b"ok:x"])
tried("many", os.writev, out, [b"a"] * 1024)
`;

const DENIED =
  "whole first second behind-empty over-both pwritev null upper-half long last-of-many";
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
