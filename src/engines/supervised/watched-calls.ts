/** Calls that we see for our own sake: they change what we remember of threads. */
import { callsChanging, type Numbers, numbersOf } from "./call-numbers.ts";

/** `byExecuting`: programs may change the ids of the process that executes them, see changesIdsByExecuting(). */
export function watchedCalls(byExecuting: boolean): Numbers {
  return numbersOf(byExecuting ? callsChanging("ids", "program") : callsChanging("ids"));
}

/** After one of them the root and the mounts of a process may be others than ours. */
export function rootChangingCalls(): Numbers {
  return numbersOf(callsChanging("root", "mounts", "namespaces"));
}
