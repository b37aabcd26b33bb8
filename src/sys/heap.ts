/** The heap of this thread. V8 lets garbage lie until it needs room, and leaves pages with little in them as they are. */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Less is not worth the time. */
const WORTH_BYTES = 32 << 20;
/** Flags of V8 while it collects; both are off otherwise. */
const FLAGS = ["expose-gc", "compact-on-every-full-gc"] as const;

/**
 * Gives back what garbage takes, where there may be much of it: about 100 ms for 60 MB. For a thread that has made many objects and
 * waits for another that will. Whether it had anything to do.
 */
export function compactHeap(): boolean {
  if (getHeapStatistics().total_heap_size < WORTH_BYTES) return false;
  for (const flag of FLAGS) setFlagsFromString(`--${flag}`);
  try {
    // nothing else compacts at once, and a flag of the command line would have V8 refuse the code that was compiled ahead
    (runInNewContext("gc") as () => void)();
  } finally {
    for (const flag of FLAGS) setFlagsFromString(`--no-${flag}`);
  }
  return true;
}
