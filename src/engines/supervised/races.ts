/**
 * What can change between the moment at which a rule decides and the moment at which the kernel acts: the call runs
 * on what is there then. `memory`: another thread, or a process that shares the page, exchanges what a pointer leads
 * to. `files`: somebody exchanges a directory or a link on the way to the file.
 */
import type { CheckedRule, Presentation } from "../../language/index.ts";

export type Race = "memory" | "files";

/** Nodes of conditions that look at memory of the process. */
const READS_MEMORY: ReadonlySet<string> = new Set([
  "stringParam",
  "bufferParam",
  "stringField",
  "field",
  "inNetwork",
  "argv",
  "envp",
  "pathOf",
]);

/** Whether nothing that happens at the same time can get a call past this rule. */
export function isRaceFree(rule: CheckedRule): boolean {
  return racesOf(rule).size === 0;
}

/** Afterwards nothing is left to get past: the result is a register. */
export function racesOf(rule: CheckedRule): ReadonlySet<Race> {
  const races = new Set<Race>();
  if (rule.when === "after") return races;
  for (const { filter, presentations } of rule.targets)
    for (const presentation of presentations) {
      // which variant a call is can lie in memory, as the flags of openat2 do
      if (presentation.guards.some(({ source }) => source.kind === "memory")) races.add("memory");
      addRaces(filter, presentation, races);
    }
  return races;
}

function addRaces(node: unknown, presentation: Presentation, races: Set<Race>): void {
  if (typeof node !== "object" || node === null || node instanceof Uint8Array) return;
  const { kind, index } = node as { kind?: unknown; index?: unknown };
  if (typeof kind === "string" && READS_MEMORY.has(kind)) races.add("memory");
  if (kind === "pathOf") races.add("files");
  if (kind === "param" && typeof index === "number")
    if (presentation.params[index - 1]?.source.kind === "memory") races.add("memory");
  // leads to the text of the whole file
  for (const [key, value] of Object.entries(node))
    if (key !== "span") addRaces(value, presentation, races);
}
