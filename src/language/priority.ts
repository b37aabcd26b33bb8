/** Urgency of a rule's events, in syslog's levels: the number is the place in the list. */
import { table } from "../base/table.ts";

export const PRIORITIES: readonly string[] = [
  ...["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"],
];
/** Other words of syslog for the same. */
const SYNONYMS = table<number>({ panic: 0, error: 3, warn: 4 });

/** 0 to 7; undefined: it is neither a level nor its number. */
export function parsePriority(text: string): number | undefined {
  const word = PRIORITIES.indexOf(text);
  if (word >= 0) return word;
  return SYNONYMS[text] ?? (/^[0-7]$/.test(text) ? Number(text) : undefined);
}
