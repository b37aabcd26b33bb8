/** Processes that end in the middle of what they do. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ResidentOptions } from "../../src/engines/kernel/index.ts";

const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).pathname);

/**
 * Runs `script` in a process that kills itself: with `engine` of the directories, `checked` for rule texts and `die`.
 */
export async function dieWith(options: ResidentOptions, script: string): Promise<void> {
  const program = `
    const { ResidentEngine } = await import(${at("../../src/engines/kernel/index.ts")});
    const { checked } = await import(${at("watching.ts")});
    const engine = ResidentEngine.open(${JSON.stringify(options)});
    const die = () => process.kill(process.pid, "SIGKILL");
    ${script}`;
  const args = ["--input-type=module", "-e", program];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  assert.deepEqual(await once(child, "exit"), [null, "SIGKILL"]);
}
