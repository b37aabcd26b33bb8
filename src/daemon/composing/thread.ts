/** Rule texts are parsed and checked in a thread of their own: nothing of the service waits for it. */
import { Worker } from "node:worker_threads";
import { isPassing, MachineError } from "../../sys/index.ts";
import type { Job, JobOf, Results } from "./job.ts";

const [EXTENSION] = /\.(?:cjs|[jt]s)$/.exec(import.meta.url) ?? [".js"];
/** Beside this module; the program that is one file has it in another one. */
const SCRIPT = new URL(
  EXTENSION === ".cjs" ? "compose-thread.cjs" : `thread-main${EXTENSION}`,
  import.meta.url,
);
/** Of the thread's heap: rules that take more to read are refused, and end nothing else. */
const HEAP_MB = 512;

/** The thread has ended without an answer. */
export class ComposeError extends MachineError {
  readonly code = "compose_thread";
}

/** Does jobs. `signal` ends one; it throws the reason of the signal then. Throws ComposeError. */
export type Compose = <K extends Job["kind"]>(
  job: JobOf<K>,
  signal?: AbortSignal,
) => Promise<Results[K]>;

export const composeInThread: Compose = <K extends Job["kind"]>(
  job: JobOf<K>,
  signal?: AbortSignal,
) => {
  const { promise, resolve, reject } = Promise.withResolvers<Results[K]>();
  if (signal?.aborted) {
    reject(signal.reason);
    return promise;
  }
  const worker = new Worker(SCRIPT, {
    name: "sct-compose",
    workerData: job,
    // others of ours may be about our main module
    execArgv: ["--disable-warning=ExperimentalWarning"],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const onAbort = (): void => {
    reject(signal?.reason);
    void worker.terminate();
  };
  signal?.addEventListener("abort", onAbort);
  let result: { readonly value: Results[K] } | undefined;
  worker.once("message", (value: Results[K]) => {
    result = { value };
  });
  worker.once("error", (error) => reject(explain(error)));
  // not before: what it took is given back then
  worker.once("exit", () => {
    signal?.removeEventListener("abort", onAbort);
    if (result !== undefined) resolve(result.value);
    else reject(new ComposeError("Cannot read the rules: the thread that does it has ended"));
  });
  return promise;
};

function explain(error: unknown): unknown {
  if (isPassing(error))
    return new ComposeError(
      `Cannot read the rules in a thread: ${(error as Error).message}`,
      undefined,
      error as Error,
    );
  if ((error as NodeJS.ErrnoException).code !== "ERR_WORKER_OUT_OF_MEMORY") return error;
  return new ComposeError(
    `Cannot read the rules: it takes more than ${HEAP_MB} MB`,
    "A rule with a list takes far less than a rule for each value",
  );
}
