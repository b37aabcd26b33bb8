/** The bytes of machine code are what an assembler makes of the source beside them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { GUARD_LOOP, GUARD_START } from "./guard-code.ts";
import { GUARD_ENTRY } from "./guard-image.ts";
import { bytesOf, type MachineCode } from "./machine-code.ts";
import { LAUNCHER } from "./thunk.ts";

const WHOLE = {
  "of the launcher and the guard": [...LAUNCHER, ...GUARD_START, ...GUARD_LOOP],
  "of the guard that has executed": [...GUARD_ENTRY, ...GUARD_LOOP],
};

for (const [name, code] of Object.entries(WHOLE))
  test(`bytesOf() the code ${name} is what its source says`, (t) => {
    const directory = mkdtempSync(join(tmpdir(), "sct-code-"));
    t.after(() => rmSync(directory, { recursive: true }));
    const object = join(directory, "code.o");
    const text = join(directory, "code");
    const assembled = spawnSync("as", ["--64", "-o", object], { input: sourceOf(code) });
    if (assembled.error !== undefined) return t.skip("no assembler here");
    assert.equal(assembled.status, 0, String(assembled.stderr));
    const copied = spawnSync("objcopy", ["-O", "binary", "-j", ".text", object, text]);
    assert.equal(copied.status, 0, String(copied.stderr));
    const bytes = (of: Uint8Array) => Buffer.from(of).toString("hex");
    assert.equal(bytes(bytesOf(code)), bytes(readFileSync(text)));
  });

/** As the assembler of GNU wants it: sizes of memory with `ptr`, comments behind `#`. */
function sourceOf(code: MachineCode): string {
  const lines = code.map(([, source]) =>
    source.replace(";", "#").replace(/\b(byte|dword) \[/, "$1 ptr ["),
  );
  return `.intel_syntax noprefix\n${lines.join("\n")}\n`;
}
