/**
 * Compiling a rule set takes tens of megabytes for a moment, most of which V8 would keep for long: a service that waits
 * for events allocates little else.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { trimHeap } from "../sys/index.ts";

let collect: (() => void) | undefined;

/** Collects all garbage now, and gives back what threads that have ended freed; takes some 20 ms. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
  trimHeap();
}
