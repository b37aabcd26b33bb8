/** Rule texts are parsed and checked in a thread of their own: nothing of the service waits for it. */
import { explainThreadEnd, MachineError, startThread } from "../../sys/index.ts";
import type { Job, JobOf, Results } from "./job.ts";

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
  const worker = startThread({
    name: "sct-compose",
    beside: import.meta.url,
    bundle: "compose-thread.cjs",
    data: job,
    heapMb: HEAP_MB,
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
  worker.once("error", (error: Error) => reject(explainEnd(error)));
  // not before: what it took is given back then
  worker.once("exit", () => {
    signal?.removeEventListener("abort", onAbort);
    if (result !== undefined) resolve(result.value);
    else reject(explainEnd());
  });
  return promise;
};

function explainEnd(error?: Error): Error | undefined {
  const why = explainThreadEnd(error, { task: "read the rules", work: "it", heapMb: HEAP_MB });
  return why === undefined ? error : new ComposeError(...why);
}
