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
