/** The same command under strace and under sctrace, and both texts without what differs from run to run. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const sctrace = join(import.meta.dirname, "../../bin/sctrace");
/** A trace takes a second; one that hangs is a failure. */
const LONGEST_MS = 60_000;

export interface Traced {
  readonly status: number | null;
  readonly signal: string | null;
  /** Lines of all files that -o has made, of one process after another. */
  readonly lines: readonly string[];
  readonly output: string;
}

/** `args`: options and the command, without -o. */
export function traceBoth(args: readonly string[]): {
  readonly strace: Traced;
  readonly sctrace: Traced;
} {
  return { strace: trace("strace", args), sctrace: trace(sctrace, args) };
}

function trace(program: string, args: readonly string[]): Traced {
  const directory = mkdtempSync(join(tmpdir(), "sct-strace-"));
  try {
    const { status, signal, stdout, error } = spawnSync(
      program,
      ["-o", join(directory, "trace"), ...args],
      { encoding: "utf8", timeout: LONGEST_MS, killSignal: "SIGKILL" },
    );
    if (error !== undefined) throw error;
    const text = readdirSync(directory)
      .toSorted()
      .map((name) => readFileSync(join(directory, name), "latin1"))
      .join("");
    return { status, signal, lines: comparable(text), output: stdout };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Lines of a process stand together, in an order that does not depend on which process was faster. A line that another
 * has interrupted is joined with its rest.
 */
export function comparable(text: string): readonly string[] {
  const byProcess = new Map<string, string[]>();
  for (const whole of text.split("\n")) {
    if (whole === "") continue;
    const [, pid = "", line = whole] = /^(\d+) +(.*)$/.exec(whole) ?? [];
    const lines = byProcess.get(pid) ?? [];
    byProcess.set(pid, lines);
    addLine(lines, line);
  }
  return [...byProcess.values()]
    .map((lines) => lines.map(withoutChance))
    .toSorted((a, b) => (a.join("\n") < b.join("\n") ? -1 : 1))
    .flat();
}

function addLine(lines: string[], line: string): void {
  const [, rest] = /^<\.\.\. \w+ resumed>(.*)$/.exec(line) ?? [];
  if (rest === undefined) {
    lines.push(line.replace(/ <unfinished \.\.\.>$/, ""));
    return;
  }
  const begun = lines.pop() ?? "";
  lines.push(begun + rest);
}

/** Addresses, numbers of processes, times, and how far results are indented. */
function withoutChance(line: string): string {
  return line
    .replace(/ +=(?= )/g, " =")
    .replaceAll(/0x[0-9a-f]{5,}/g, "ADDRESS")
    .replaceAll(/\b(?:\d{1,2}:)?\d+:\d\d(?:\.\d+)?\b/g, "TIME")
    .replaceAll(/<\d+\.\d+>/g, "<TOOK>")
    .replace(/si_utime=.*(?=\})/, "si_utime=TIME")
    .replaceAll(/(?<=si_pid=)\d+/g, "PID")
    .replaceAll(/\b\d{4,}\b/g, "NUMBER");
}
