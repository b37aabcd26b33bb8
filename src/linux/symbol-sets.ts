/**
 * Names of the values that meanings of parameters can have (`semantic` of their types). What they show is compared
 * with strace in test/supervised/symbols.test.ts.
 */
import { table } from "../base/table.ts";
import { fileSets } from "./symbol-sets/files.ts";
import { memorySets } from "./symbol-sets/memory.ts";
import type { SymbolSet } from "./symbol-sets/notation.ts";
import { processSets } from "./symbol-sets/processes.ts";
import { socketSets } from "./symbol-sets/sockets.ts";
import { systemSets } from "./symbol-sets/system.ts";

export const symbolSets = table<() => SymbolSet>({
  ...fileSets,
  ...memorySets,
  ...processSets,
  ...socketSets,
  ...systemSets,
});

/** The names of a meaning; undefined: it has none. */
export function symbolSet(meaning: string): SymbolSet | undefined {
  return symbolSets[meaning]?.();
}
