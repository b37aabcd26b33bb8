/** The heap of this thread. V8 lets garbage lie until it needs room, and leaves pages with little in them as they are. */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Less is not worth the time. */
const WORTH_BYTES = 32 << 20;
type Collect = (options: { readonly type: "major"; readonly flavor: "last-resort" }) => void;

/**
 * Gives back what garbage takes, where there may be much of it: about 100 ms for 60 MB. For a thread that has made many objects and
 * waits for another that will. Returns whether the heap was large enough to collect.
 */
export function compactHeap(): boolean {
  if (getHeapStatistics().total_heap_size < WORTH_BYTES) return false;
  // on the command line, the flag would have V8 refuse the code that was compiled ahead
  setFlagsFromString("--expose-gc");
  try {
    // other collections leave half-empty pages as they are, and keep those that are empty
    (runInNewContext("gc") as Collect)({ type: "major", flavor: "last-resort" });
  } finally {
    setFlagsFromString("--no-expose-gc");
  }
  return true;
}
