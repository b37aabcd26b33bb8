/** What `sct log` does. */
import { accessSync, constants } from "node:fs";
import { findPaths } from "../../daemon/index.ts";
import { HistoryError, HistoryReader, Selection } from "../../store/index.ts";
import type { Arguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { Output } from "../output.ts";
import { plural } from "../plural.ts";
import { stateDirOf } from "../service/instance.ts";
import { type Followed, type FollowOptions, follow } from "./follow.ts";
import { endOf, placeOfLast, printFrom } from "./listing.ts";
import { Printer } from "./printer.ts";
import { readQuery } from "./query.ts";

/** Lines before the live ones. */
const LAST_LINES = 10;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export async function runLog(args: Arguments): Promise<ExitCode> {
  const [operand] = args.operands;
  if (operand !== undefined) throw new UsageError(`unexpected argument '${operand}'`);
  const isFollowing = args.has("follow");
  if (isFollowing && args.has("until")) throw new UsageError("--follow has no end: drop --until");
  const file = findHistory(stateDirOf(args));
  const selection = new Selection(readQuery(args));
  const isAll = args.has("since") || !isFollowing;
  const lines = readLines(args.last("lines"), isAll ? undefined : LAST_LINES);
  const isJson = args.has("json");
  let stops = 0;
  const output = new Output(1);
  const onSignal = (): void => {
    // a second one means that the reader of the output does not read
    if (++stops > 1) output.abandon();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const isStopped = (): boolean => stops > 0;
  const options: FollowOptions = { file, selection, isJson, isStopped };
  let listed: Followed | undefined;
  try {
    listed = await list(options, lines, output);
  } catch (error) {
    if (!isFollowing || !isMissing(error)) throw error;
    process.stderr.write(`sct log: ${(error as Error).message}; waiting for it\n`);
  }
  if (isFollowing) await follow(listed, output, options);
  else listed?.reader.close();
  await output.drain();
  output.close();
  return finish(output, listed?.printer);
}

function findHistory(directory: string | undefined): string {
  try {
    const { history, movedTo } = findPaths(directory);
    // the machine's own is for root alone, whether there is one already or not
    if (movedTo === undefined && process.geteuid?.() !== 0) accessSync(history, constants.R_OK);
    return history;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM" && code !== "ENOENT") throw error;
    throw new HistoryError(
      "privilege",
      "reading the history needs root",
      "Run it with sudo",
      error,
    );
  }
}

/** Prints what is there. */
async function list(
  { file, selection, isJson, isStopped }: FollowOptions,
  lines: number | undefined,
  output: Output,
): Promise<Followed> {
  const reader = HistoryReader.open(file);
  const printer = new Printer(reader, selection, isJson);
  const source = { reader, printer, selection };
  if (lines === 0) return { reader, printer, place: endOf(reader) };
  const start = lines === undefined ? { id: 0, records: 0 } : placeOfLast(lines, source);
  const place = await printFrom(start, source, output, isStopped);
  return { reader, printer, place };
}

function finish({ error, unwrittenBytes }: Output, printer?: Printer): ExitCode {
  const { damaged = 0, unknown = 0, withoutLine = 0 } = printer ?? {};
  const unreadable = damaged + unknown;
  if (damaged > 0) tell(`${plural(damaged, "event")} cannot be read: damaged`);
  if (unknown > 0)
    tell(
      `${plural(unknown, "event")} cannot be read: the history lacks the rule set that made them`,
    );
  // the reader had enough: what it did not want is no loss
  if (error?.code === "EPIPE") return ExitCode.good;
  if (withoutLine > 0)
    tell(`${plural(withoutLine, "event")} of rules without LOG not printed; --json shows all`);
  if (unwrittenBytes > 0) tell(`${unwrittenBytes} bytes of lines were not written`);
  if (error !== undefined) {
    tell(`cannot write to standard output: ${error.message}`);
    return ExitCode.machine;
  }
  return unreadable > 0 ? ExitCode.found : ExitCode.good;
}

/** Undefined: all of them. */
function readLines(text: string | undefined, otherwise: number | undefined): number | undefined {
  if (text === undefined) return otherwise;
  if (text === "all") return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`-n takes a number or 'all': '${text}'`);
  return Number(text);
}

function isMissing(error: unknown): boolean {
  return error instanceof HistoryError && error.code === "missing";
}

function tell(line: string): void {
  process.stderr.write(`sct log: ${line}\n`);
}
