/**
 * What can change between the moment at which a rule decides and the moment at which the kernel acts: the call runs
 * on what is there then. `memory`: another thread, or a process that shares the page, exchanges what a pointer leads
 * to. `files`: somebody exchanges a directory or a link on the way to the file.
 */
import { type CheckedRule, inputsOf } from "../../language/index.ts";

export type Race = "memory" | "files";

/** Afterwards nothing is left to get past: the result is a register. */
export function racesOf(rule: CheckedRule): ReadonlySet<Race> {
  const races = new Set<Race>();
  if (rule.when === "after") return races;
  const { memory, files, descriptors } = inputsOf(rule);
  // names of files are text in memory, and looked up by us; who shares memory mostly shares the table of open files, too
  if (memory || files || descriptors) races.add("memory");
  if (files) races.add("files");
  return races;
}
