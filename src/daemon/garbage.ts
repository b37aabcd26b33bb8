/**
 * Compiling a rule set takes tens of megabytes for a short time, most of which V8 would keep for long: a service that waits
 * for events allocates little else.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { releaseText, trimHeap } from "../sys/index.ts";

let collect: (() => void) | undefined;

/** Collects all garbage now, and gives back what threads that have ended freed; takes some 20 ms. */
function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
  trimHeap();
}

/** For a process that stays: its heap grows by little before garbage is collected, whatever the machine has. */
export function keepHeapSmall(): void {
  setFlagsFromString("--memory-saver-mode");
  // V8 looks for garbage late until it has seen once how much lasts
  collectGarbage();
}

/** Gives back what the start or the load of rules took and events do not need: some 20 ms in a turn of their own, then a few. */
export async function releaseMemory(): Promise<void> {
  await nextTurn();
  collectGarbage();
  await nextTurn();
  releaseText();
}

/** Gives back what a thread that has ended freed. */
export function releaseThread(): void {
  trimHeap();
}

/** Gives back what compiling JavaScript left behind, free memory and code alike; takes a few milliseconds. */
export function releaseUnused(): void {
  trimHeap();
  releaseText();
}
