/** Worker threads of ours: how they are started, and why one ended without an answer. */
import { Worker } from "node:worker_threads";
import { MachineError } from "./error.ts";
import { isPassing } from "./passing.ts";

export interface ThreadSpec {
  /** For lists of threads. */
  readonly name: string;
  /** `import.meta.url` of the module beside which the thread's `thread-main` is. */
  readonly beside: string;
  /** The file of the thread in a built program, which has no modules. */
  readonly bundle: string;
  /** What a clone can carry. */
  readonly data: unknown;
  /** Most of its heap, in MB: what needs more ends the thread, and nothing else. */
  readonly heapMb: number;
}

/** What a thread was for, as its errors say. */
export interface ThreadTask {
  /** Behind "Cannot": "load the rules". */
  readonly task: string;
  /** What takes the memory: "compiling them". */
  readonly work: string;
  readonly heapMb: number;
}

/** No thread could be started. */
export class ThreadError extends MachineError {
  readonly code = "thread";
}

/**
 * Of objects that have just been made; what remains of them moves on. With more, as V8 takes by itself, a thread that makes many has
 * a hundred megabytes more at its peak, and is no faster.
 */
const YOUNG_MB = 6;

/** Throws ThreadError where the machine has no thread to give. */
export function startThread({ name, beside, bundle, data, heapMb }: ThreadSpec): Worker {
  const [extension] = /\.(?:cjs|[jt]s)$/.exec(beside) ?? [".js"];
  const script = new URL(extension === ".cjs" ? bundle : `thread-main${extension}`, beside);
  try {
    return new Worker(script, {
      name,
      workerData: data,
      // others of ours may be about our main module
      execArgv: ["--disable-warning=ExperimentalWarning"],
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_MB },
    });
  } catch (error) {
    throw new ThreadError(`Cannot start a thread: ${(error as Error).message}`, undefined, error);
  }
}

/**
 * Arguments of the MachineError that says why a thread ended without an answer: memory, or what the machine is short of.
 * Undefined: `error` is a bug of ours, to be thrown as it is. Without an error somebody has ended the thread.
 */
export function explainThreadEnd(
  error: Error | undefined,
  { task, work, heapMb }: ThreadTask,
): readonly [message: string, hint?: string | undefined, cause?: unknown] | undefined {
  if (error === undefined) return [`Cannot ${task}: the thread that does it has ended`];
  if ((error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY")
    return [
      `Cannot ${task}: ${work} takes more than ${heapMb} MB`,
      "A rule with a list takes far less than a rule for each value",
    ];
  if (!isPassing(error)) return undefined;
  return [`Cannot ${task} in a thread: ${error.message}`, undefined, error];
}
