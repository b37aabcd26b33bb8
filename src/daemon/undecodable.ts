/** What nobody can make an event of, for the status: why, and how much since the service was started. */
import type { HistoryCounters } from "../store/index.ts";

/** `unknown`: records of no rule set that the service knows. */
export function undecodableProblems(
  unknown: number,
  history: Pick<HistoryCounters, "damagedEvents" | "unknownEvents"> | undefined,
): readonly string[] {
  const { damagedEvents = 0, unknownEvents = unknown } = history ?? {};
  // the history may have another rule set in the place of one that the service knows
  const displaced = Math.max(0, unknownEvents - unknown);
  return [
    { count: unknown, why: "no rule set is known that made them" },
    { count: displaced, why: "the history has another rule set in the place of theirs" },
    { count: damagedEvents, why: "they are damaged" },
  ].flatMap(({ count, why }) =>
    count === 0 ? [] : [`events cannot be read: ${count} since the service was started, ${why}`],
  );
}
