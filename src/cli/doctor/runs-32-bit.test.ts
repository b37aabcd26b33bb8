import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runs32Bit } from "./runs-32-bit.ts";

const hasCompiler = spawnSync("gcc", ["-m32", "-E", "-x", "c", "/dev/null"]).status === 0;

test("runs32Bit() finds what becomes of a program that a compiler made", {
  skip: hasCompiler ? false : "gcc for 32-bit programs is not installed",
}, () => {
  const directory = mkdtempSync(join(tmpdir(), "sct-32-"));
  try {
    const source = join(directory, "exit.c");
    const program = join(directory, "exit");
    writeFileSync(
      source,
      'void _start(void) { __asm__("mov $1, %eax; mov $7, %ebx; int $0x80"); }\n',
    );
    execFileSync("gcc", ["-m32", "-nostdlib", "-static", "-o", program, source]);
    assert.equal(runs32Bit(), spawnSync(program, { stdio: "ignore" }).status === 7);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
