/** Counts of the rules in force, read while the service does other things. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CountTable } from "../../language/index.ts";
import type { Steps } from "../names/index.ts";

interface Counting {
  readonly readingCounts: () => Steps<CountTable[]>;
}

/** Of the rules that `inForce` gives; begins again where others come into force meanwhile, since the maps are closed then. */
export async function countsInTurns(inForce: () => Counting | undefined): Promise<CountTable[]> {
  for (;;) {
    const rules = inForce();
    if (rules === undefined) return [];
    const steps = rules.readingCounts();
    while (inForce() === rules) {
      const { done, value } = steps.next();
      if (done === true) return value;
      await nextTurn();
    }
    // lets go of its memory
    steps.return([]);
  }
}
