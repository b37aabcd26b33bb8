/** Builds the programs of test/programs; a test is skipped where their compiler is missing. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { needs32Bit } from "../programs/runs-32-bit.ts";

const directory = mkdtempSync(join(tmpdir(), "sct-programs-"));
chmodSync(directory, 0o755);

function source(name: string): string {
  return fileURLToPath(new URL(`../programs/${name}.c`, import.meta.url));
}

/** Path of the program, or undefined after skipping the test. */
export function build(t: TestContext, name: string, ...flags: string[]): string | undefined {
  const output = join(directory, [name, ...flags].join("").replace(/[^a-z0-9]/g, "_"));
  if (existsSync(output)) return output;
  const { status, error, stderr } = spawnSync("gcc", [...flags, "-O1", "-o", output, source(name)]);
  if (status === 0) return output;
  t.skip(error?.message ?? `gcc ${flags.join(" ")} fails: ${String(stderr).split("\n")[0]}`);
  return undefined;
}

export function buildCalls(t: TestContext, bits: 32 | 64): string | undefined {
  const flags = ["-nostdlib", "-static", "-no-pie", "-fno-pie", "-fno-stack-protector"];
  const program = build(t, "calls", `-m${bits}`, ...flags);
  if (bits === 32 && program !== undefined && !needs32Bit(t, program)) return undefined;
  return program;
}
