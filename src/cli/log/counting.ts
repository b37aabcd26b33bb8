/** What `sct log` does with `--count` and `--by`. */
import type { HistoryReader } from "../../store/index.ts";
import { FIELDS, ValueCounts } from "../../views/index.ts";
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import type { ExitCode } from "../exit-codes.ts";
import { printNotice } from "../notice.ts";
import type { OutputBuffer } from "../output-buffer.ts";
import { plural } from "../plural.ts";
import { widthOf } from "../terminal.ts";
import { countAll, linesOf } from "./count-lines.ts";
import { finish } from "./ending.ts";
import type { FollowOptions } from "./follow.ts";
import { Printer } from "./printer.ts";
import { describeReport } from "./report-line.ts";

/** What is to be counted; undefined: lines are wanted. */
export function readTally(args: CommandArguments): ValueCounts | undefined {
  const by = args.last("by");
  if (by === undefined && !args.has("count")) return undefined;
  if (by !== undefined && !FIELDS.has(by))
    throw new UsageError(`--by takes ${[...FIELDS.keys()].join(", ")}: '${by}'`);
  // counts are of all events, and have an end
  if (args.has("follow")) throw new UsageError("--follow has no end: drop --count and --by");
  if (args.has("lines")) throw new UsageError("-n is for lines: drop it, or --count and --by");
  return new ValueCounts(by);
}

/** Counts what is there. */
export async function count(
  reader: HistoryReader,
  { selection, form, isStopped }: FollowOptions,
  tally: ValueCounts,
  output: OutputBuffer,
): Promise<ExitCode> {
  const printer = new Printer(reader, selection, form);
  await countAll(tally, { reader, selection, printer }, isStopped);
  reader.close();
  for (const line of linesOf(tally, form.isJson, widthOf(process.stdout)))
    output.text.string(`${line}\n`);
  await output.drain();
  output.close();
  for (const one of tally.missing)
    printNotice("sct log", `not counted: ${plural(one.total, "event")} ${describeReport(one)}`);
  if (tally.others > 0)
    printNotice(
      "sct log",
      `${plural(tally.others, "event")} are not counted by ${tally.by}: too many different ones`,
    );
  if (isStopped()) printNotice("sct log", "stopped: later events are not counted");
  return finish(output, printer, "counted");
}
