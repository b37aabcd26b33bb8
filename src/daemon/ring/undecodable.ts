/** What nobody can make an event of, for the status: why, and how much since the service was started. */
import type { HistoryCounters } from "../../store/index.ts";

export interface Undecodable {
  /** Records of no rule set that the service knows. */
  readonly unknown: number;
  /** Undefined: there is no history. */
  readonly history: Pick<HistoryCounters, "damagedEvents" | "unknownEvents"> | undefined;
  readonly hasOutputs: boolean;
}

const UNKNOWN = "no rule set is known that made them";
const ELSEWHERE = "only the history knows the rule set that made them";
const DAMAGED = "they are damaged";

export function undecodableProblems({
  unknown,
  history,
  hasOutputs,
}: Undecodable): readonly string[] {
  const { damagedEvents = 0, unknownEvents = unknown } = history ?? {};
  const rows = [
    [unknownEvents, "events cannot be read", UNKNOWN],
    [hasOutputs ? Math.max(0, unknown - unknownEvents) : 0, "events go to no output", ELSEWHERE],
    [damagedEvents, "events cannot be read", DAMAGED],
  ] as const;
  return rows.flatMap(([count, what, why]) =>
    count === 0 ? [] : [`${what}: ${count} since the service was started, ${why}`],
  );
}
