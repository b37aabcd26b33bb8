/** The plan that settings amount to. */
import type { OutputPlan, Timestamps, TracePlan } from "../../engines/strace/index.ts";
import { readInjection } from "./injection.ts";
import { quietOf, type Settings } from "./settings.ts";
import { TraceUsageError } from "./usage-error.ts";

const LAST_SIGNAL = 64;

/** `hasCommand`: one is started, besides processes that are attached to. */
export function planOf(settings: Settings, hasCommand: boolean): TracePlan {
  const output = outputOf(settings);
  const { summary } = settings;
  if (summary !== "none" && settings.isSeparate)
    throw new TraceUsageError("(-c or -C) and -ff are mutually exclusive", true);
  if (settings.wall && summary === "none")
    throw new TraceUsageError("-w must be given with (-c or -C)", true);
  const isOutOfSight = settings.output !== undefined && hasCommand;
  return {
    followForks: settings.followForks > 0,
    output,
    lines: {
      absolute: settings.absolute ?? stamps(settings.timestampFlags),
      relative: settings.relative,
      duration: settings.duration,
      hasInstruction: settings.hasInstruction,
      hasNumber: settings.hasNumber,
      hasCommand: settings.hasCommand,
      column: settings.column,
    },
    decode: {
      stringLimit: settings.stringLimit,
      abbreviate: true,
      hex: settings.hex,
      descriptors: settings.descriptors,
      constants: settings.constants,
    },
    traced: settings.traced.build(true),
    abbreviated: settings.abbreviated.build(true),
    raw: settings.raw.build(false),
    signals: settings.signals ?? new Set(Array.from({ length: LAST_SIGNAL }, (_, i) => i + 1)),
    statuses: settings.statuses,
    quiet:
      settings.quiet ??
      (settings.quietness > 0 ? quietOf(settings.quietness) : quietOf(isOutOfSight ? 1 : 0)),
    dumpsRead: settings.readsDumped,
    dumpsWrite: settings.writesDumped,
    paths: settings.paths,
    summary:
      summary === "none"
        ? undefined
        : {
            only: summary === "only",
            sort: settings.summarySort,
            columns: settings.summaryColumns,
            wall: settings.wall,
            overheadNs: settings.overheadNs,
          },
    injections: settings.injections.map(readInjection),
    detachesOnExecve: settings.detachesOnExecve,
    interruptible: settings.interruptible ?? (settings.daemon > 0 ? 4 : isOutOfSight ? 3 : 2),
    usesFilter: settings.usesFilter,
  };
}

function stamps(flags: number): Timestamps {
  if (flags === 0) return { form: "none", precision: 0 };
  return { form: flags > 2 ? "unix" : "time", precision: flags > 1 ? 6 : 0 };
}

function outputOf(settings: Settings): OutputPlan {
  const { output: name, appends } = settings;
  const isFollowed = settings.followForks > 1 || settings.isSeparate;
  settings.isSeparate ||= settings.followForks > 1;
  if (name === undefined) return { to: { kind: "stderr" }, appends, separate: false };
  if (name.startsWith("|") || name.startsWith("!")) {
    if (isFollowed)
      throw new TraceUsageError("piping the output and -ff are mutually exclusive", true);
    return { to: { kind: "command", name: name.slice(1) }, appends, separate: false };
  }
  return { to: { kind: "file", name }, appends, separate: isFollowed };
}
