/** The options of a trace, one after another, as what they change. */
import { table } from "../../base/table.ts";
import {
  type Interruptible,
  type Precision,
  QUIET_MESSAGES,
  type QuietMessage,
  type ReturnStatus,
  STATUSES,
  SUMMARY_COLUMNS,
  type SummaryColumn,
  type Timestamps,
} from "../../engines/strace/index.ts";
import { CallSetBuilder } from "./sets.ts";

/** All that options set; later ones change what earlier ones have set. */
export class Settings {
  followForks = 0;
  isSeparate = false;
  appends = false;
  output: string | undefined;
  readonly pids: number[] = [];
  readonly environment: { readonly name: string; readonly value: string | undefined }[] = [];
  user: string | undefined;
  detachesOnExecve = false;
  daemon = 0;
  interruptible: Interruptible | undefined;
  readonly traced = new CallSetBuilder();
  readonly abbreviated = new CallSetBuilder();
  readonly raw = new CallSetBuilder();
  signals: ReadonlySet<number> | undefined;
  statuses: ReadonlySet<ReturnStatus> = new Set(STATUSES);
  quiet: ReadonlySet<QuietMessage> | undefined;
  quietness = 0;
  readsDumped: ((fd: number) => boolean) | undefined;
  writesDumped: ((fd: number) => boolean) | undefined;
  readonly injections: string[] = [];
  readonly paths: string[] = [];
  column = 40;
  stringLimit = 32;
  hex: "none" | "non-ascii" | "all" = "none";
  constants: "abbrev" | "raw" | "verbose" = "abbrev";
  descriptors: 0 | 1 | 2 = 0;
  hasInstruction = false;
  hasNumber = false;
  hasCommand = false;
  timestampFlags = 0;
  absolute: Timestamps | undefined;
  relative: Precision | undefined;
  duration: Precision | undefined;
  summary: "none" | "only" | "too" = "none";
  summarySort: SummaryColumn | "none" = "time-percent";
  summaryColumns: readonly SummaryColumn[] = [
    "time-percent",
    "total-time",
    "avg-time",
    "calls",
    "errors",
    "name",
  ];
  wall = false;
  overheadNs = 0;
  usesFilter = false;
  printsRules = false;
}

/** Names by which columns are asked for, and those that they are. */
export const COLUMN_NAMES = table<SummaryColumn>({
  ...Object.fromEntries(SUMMARY_COLUMNS.map((name) => [name, name])),
  time_percent: "time-percent",
  time: "time-percent",
  "time-total": "total-time",
  total_time: "total-time",
  "time-min": "min-time",
  min_time: "min-time",
  shortest: "min-time",
  "time-max": "max-time",
  max_time: "max-time",
  longest: "max-time",
  "time-avg": "avg-time",
  avg_time: "avg-time",
  count: "calls",
  error: "errors",
  syscall: "name",
  "syscall-name": "name",
});

/** The messages that `-q`, `-qq` and `-qqq` suppress. */
export function quietOf(level: number): ReadonlySet<QuietMessage> {
  if (level >= 3) return new Set(QUIET_MESSAGES);
  const [attach, personality, exit] = ["attach", "personality", "exit"] as const;
  return new Set(
    level === 2 ? [attach, personality, exit] : level === 1 ? [attach, personality] : [],
  );
}
