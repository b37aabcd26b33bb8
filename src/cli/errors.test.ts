import assert from "node:assert/strict";
import { test } from "node:test";
import { errorLines } from "./errors.ts";

/** As Node makes them of a failed system call. */
function failed(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: said by the system, ${syscall}`), { code, syscall });
}

test("errorLines() calls what ran out by its name, not a bug", () => {
  for (const code of ["EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EDQUOT", "EROFS", "EAGAIN"]) {
    const [first, advice, ...more] = errorLines(failed(code, "open"), "sct status");
    assert.equal(first, `sct status: ${code}: said by the system, open`);
    assert.match(advice ?? "", /^(?:Raise|Free|The whole machine|That file system) /);
    assert.deepEqual(more, []);
  }
});

test("errorLines() asks to report everything else, and what only looks like it", () => {
  const thrown = [failed("EINVAL", "open"), failed("constructor", "open"), new Error("EMFILE")];
  for (const error of thrown)
    assert.match(errorLines(error, "sct status")[0] ?? "", /^sct status: this is a bug /);
});

test("errorLines() has the verifier's log where it is asked for, and says how to ask", () => {
  const log = "0: R1=ctx()\n1: (95) exit\nR0 !read_ok\n";
  const refused = Object.assign(new Error("Cannot load program"), {
    code: "verifier_rejected",
    hint: undefined,
    log,
  });
  assert.deepEqual(errorLines(refused, "sct watch"), [
    "sct watch: Cannot load program",
    "'sct watch -v' with these rules prints the verifier's whole log",
  ]);
  assert.deepEqual(errorLines(refused, "sct watch", true).slice(1), log.trimEnd().split("\n"));
});
