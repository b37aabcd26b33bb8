import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { summarizeLog } from "./verifier-error.ts";

/** Logs of real kernels; the number in front of the name is the version. */
const EXPECTED: readonly (readonly [log: string, insn: number | undefined, message: string])[] = [
  ["6.18-bad-context", 1, "invalid bpf_context access off=9999 size=8"],
  ["6.18-bad-helper", 1, "program of this type cannot use helper bpf_d_path#147"],
  ["6.18-uninitialised", 0, "R7 !read_ok"],
  ["6.18-callback", 8, "R2 invalid mem access 'scalar'"],
  ["6.18-merged-paths", 5, "R7 invalid mem access 'scalar'"],
  ["6.18-endless-loop", 1, "BPF program is too large. Processed 1000001 insn"],
  ["6.18-too-many-jumps", 8194, "The sequence of 8193 jumps is too complex."],
  ["6.18-no-exit", undefined, "last insn is not an exit or jmp"],
  [
    "6.18-leaked-reference",
    6,
    "Unreleased reference id=2 alloc_insn=4; BPF_EXIT instruction in main prog would lead to reference leak",
  ],
  ["6.12-bad-context", 1, "invalid bpf_context access off=9999 size=8"],
  ["6.12-bad-helper", 1, "program of this type cannot use helper bpf_d_path#147"],
  ["6.12-callback", 8, "R2 invalid mem access 'scalar'"],
  ["6.12-endless-loop", undefined, "BPF program is too large. Processed 1000001 insn"],
  ["6.12-leaked-reference", 6, "Unreleased reference id=2 alloc_insn=4"],
  ["6.12-merged-paths", 5, "R7 invalid mem access 'scalar'"],
  ["6.12-too-many-jumps", undefined, "The sequence of 8193 jumps is too complex."],
  ["6.1-bad-context", 1, "invalid bpf_context access off=9999 size=8"],
  ["6.1-bad-helper", 1, "unknown func bpf_d_path#147"],
  ["6.1-callback", 8, "R2 invalid mem access 'scalar'"],
  ["6.1-endless-loop", undefined, "BPF program is too large. Processed 1000001 insn"],
  ["6.1-leaked-reference", 6, "Unreleased reference id=2 alloc_insn=4"],
  ["6.1-merged-paths", 5, "R7 invalid mem access 'scalar'"],
  ["6.1-too-many-jumps", undefined, "The sequence of 8193 jumps is too complex."],
];

for (const [name, insn, message] of EXPECTED) {
  test(`summarizeLog() of ${name}`, () => {
    const path = new URL(`../../../test/fixtures/logs/${name}.log`, import.meta.url);
    const summary = summarizeLog(readFileSync(path, "utf8"));
    assert.equal(summary.message, message);
    assert.equal(summary.insn, insn);
  });
}

test("summarizeLog() of nothing", () => {
  assert.deepEqual(summarizeLog(""), { message: "", insn: undefined, omittedLines: 0 });
});
