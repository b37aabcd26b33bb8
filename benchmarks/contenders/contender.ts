/** A tool that is measured, the tasks for it, and the result of a run. */
import type { Loop } from "../trigger.ts";

/** One wish in the words of each tool; absent where the tool cannot be asked for it. */
export interface Watch {
  /** Rules of syscalltrack. */
  readonly rules: string;
  /** Arguments of strace. */
  readonly strace?: readonly string[];
  /** Arguments of perf trace. */
  readonly perf?: readonly string[];
  readonly bpftrace?: string;
}

export interface Run {
  /** ns per call, of each batch. */
  readonly callNs: readonly number[];
  /** From the start of the tool to the moment when it watches. */
  readonly loadMs: number;
  /** From the first call to the end of the tool: all that it delivers is delivered then. */
  readonly totalMs: number;
  /** Largest resident memory of the tool. */
  readonly peakKib: number;
  /** What the tool itself says about losses, where it counts them. */
  readonly reportedLost: number | undefined;
}

export interface Contender {
  readonly name: string;
  /** Undefined: not installed. */
  readonly version: string | undefined;
  /** Undefined where the tool cannot be asked for it. Lines go to the file `output`. */
  run(watch: Watch, loop: Loop, output: string): Promise<Run | undefined>;
}
