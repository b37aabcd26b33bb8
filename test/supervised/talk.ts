/** Conversations with programs on a terminal of their own. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Place, SCT } from "./sct.ts";

const PTY = fileURLToPath(new URL("../programs/terminal.py", import.meta.url));

interface Dialogue {
  readonly output: string;
  readonly status: number | null;
}

/** Runs the command on a terminal of its own: waits for the first text of each pair, then types the second. */
export function talk(
  place: Place,
  command: readonly string[],
  ...pairs: readonly [string, string][]
): Dialogue {
  const { stdout, stderr, status } = place.plain([
    "/usr/bin/python3",
    PTY,
    JSON.stringify(pairs),
    ...command,
  ]);
  assert.equal(stderr, "");
  return { output: stdout.replaceAll("\r\n", "\n"), status };
}

/** The command under `sct run`, as words. */
export function sctRun(options: readonly string[], command: readonly string[]): string[] {
  return [SCT, "run", ...options, "--", ...command];
}

export function shellWord(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
