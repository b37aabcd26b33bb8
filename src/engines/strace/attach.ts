/** Traces processes that run already, without stopping more of them than needed. */
import { readdirSync } from "node:fs";
import { errnoText } from "../../linux/index.ts";
import { PTRACE, ptrace } from "../../sys/index.ts";
import type { Tracer } from "./tracer.ts";

/** The threads that are traced now. */
export interface Attached {
  readonly tids: readonly number[];
  /** Why the process cannot be traced. */
  readonly refusal: string | undefined;
}

/** With `allThreads`, those of the process too that are not its first. */
export function attach(tracer: Tracer, pid: number, allThreads: boolean): Attached {
  const tids: number[] = [];
  // threads may be made while we look
  for (let isComplete = false; !isComplete; ) {
    isComplete = true;
    for (const tid of allThreads ? threadsOf(pid) : [pid]) {
      if (tids.includes(tid)) continue;
      const result = ptrace(PTRACE.SEIZE, tid, 0, tracer.options);
      if (result < 0 && tid === pid)
        return { tids, refusal: `attach: ptrace(PTRACE_SEIZE, ${pid}): ${errnoText(-result)}` };
      if (result < 0) continue;
      tids.push(tid);
      isComplete = !allThreads;
      tracer.addAttached(tid);
      ptrace(PTRACE.INTERRUPT, tid);
    }
  }
  return { tids, refusal: undefined };
}

function threadsOf(pid: number): readonly number[] {
  try {
    // the first thread first: without it there is no process
    return [pid, ...readdirSync(`/proc/${pid}/task`).map(Number)];
  } catch {
    return [pid];
  }
}
