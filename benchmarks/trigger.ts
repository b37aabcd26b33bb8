/** The program whose calls are measured; see trigger.c. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Thread name of the trigger: rules are limited to it, so that nobody else on the machine is watched. */
export const COMM = "sct-bench";

export interface Loop {
  readonly batches: number;
  /** Calls in a batch. */
  readonly count: number;
  readonly nr: number;
  /** Between two batches; default: none. */
  readonly gapNs?: number;
  /** A number, or `@` and a text. */
  readonly argument?: string;
}

export interface LoopTimes {
  readonly startNs: bigint;
  /** Of each batch, per call. */
  readonly callNs: readonly number[];
}

/** Directory for everything that a run makes; removed at its end. */
export const workplace = mkdtempSync(join(tmpdir(), "sct-bench-"));
process.on("exit", () => rmSync(workplace, { recursive: true, force: true }));

const program = join(workplace, COMM);
const source = fileURLToPath(new URL("trigger.c", import.meta.url));
execFileSync("gcc", ["-O2", "-static", "-o", program, source]);

/** The processor that all loops run on. */
const PROCESSOR = "1";
export const pinned = ["/usr/bin/taskset", "-c", PROCESSOR];

export function triggerCommand(loop: Loop): string[] {
  const { batches, count, nr, gapNs = 0, argument } = loop;
  const numbers = [batches, count, nr, gapNs].map(String);
  return [program, ...numbers, ...(argument === undefined ? [] : [argument])];
}

export function callsOf(loop: Loop): number {
  return loop.batches * loop.count;
}

/** Finds the trigger's line among what else was printed. */
export function readTimes(output: string, loop: Loop): LoopTimes {
  const line = output.split("\n").find((text) => /^\d+( \d+)+$/.test(text));
  const [start, ...batches] = line?.split(" ") ?? [];
  if (start === undefined || batches.length !== loop.batches) {
    throw new Error(`Cannot read the times of the loop: ${output.slice(0, 300)}`);
  }
  return { startNs: BigInt(start), callNs: batches.map((ns) => Number(ns) / loop.count) };
}
