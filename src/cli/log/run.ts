/** What `sct log` does. */
import { accessSync, constants } from "node:fs";
import { escapeControls } from "../../base/escape.ts";
import { findPaths, type Paths } from "../../daemon/index.ts";
import {
  type HistoryEntry,
  HistoryError,
  HistoryReader,
  type Query,
  Selection,
} from "../../store/index.ts";
import { BEGINNING, endOf, placeOfLast } from "../../views/index.ts";
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import type { ExitCode } from "../exit-codes.ts";
import { printNotice } from "../notice.ts";
import { OutputBuffer } from "../output-buffer.ts";
import { stateDirOf } from "../service/instance.ts";
import { count, readTally } from "./counting.ts";
import { finish } from "./ending.ts";
import { type Followed, type FollowOptions, follow } from "./follow.ts";
import { readForm } from "./form.ts";
import { printFrom } from "./listing.ts";
import { Printer } from "./printer.ts";
import { readQuery } from "./query.ts";

/** Lines before the live ones. */
const LAST_LINES = 10;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export async function runLog(args: CommandArguments): Promise<ExitCode> {
  const [operand] = args.operands;
  if (operand !== undefined) throw new UsageError(`unexpected argument '${operand}'`);
  const isFollowing = args.has("follow");
  if (isFollowing && args.has("until")) throw new UsageError("--follow has no end: drop --until");
  const { history: file, rules } = findFiles(stateDirOf(args));
  const query = readQuery(args);
  const selection = new Selection(query);
  const isAll = args.has("since") || !isFollowing;
  const lines = readLines(args.last("lines"), isAll ? undefined : LAST_LINES);
  const form = readForm(args);
  const tally = readTally(args);
  let stops = 0;
  const output = new OutputBuffer(1);
  const onSignal = (): void => {
    // a second one means that the reader of the output does not read
    if (++stops > 1) output.abandon();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const isStopped = (): boolean => stops > 0;
  const options: FollowOptions = { file, selection, form, isStopped };
  const open = async (): Promise<HistoryReader> => {
    const reader = HistoryReader.open(file);
    await warnUnknown(reader, query, rules, isFollowing);
    return reader;
  };
  if (tally !== undefined) return count(await open(), options, tally, output);
  let listed: Followed | undefined;
  try {
    listed = await list(await open(), options, lines, output);
  } catch (error) {
    if (!isFollowing || !isMissing(error)) throw error;
    printNotice("sct log", `${(error as Error).message}; waiting for it`);
  }
  if (isFollowing) await follow(listed, output, options);
  else listed?.reader.close();
  await output.drain();
  output.close();
  return finish(output, listed?.printer, "printed");
}

function findFiles(directory: string | undefined): Paths {
  try {
    const paths = findPaths(directory);
    const { history, movedTo } = paths;
    // the machine's own is for root alone, whether there is one already or not
    if (movedTo === undefined && process.geteuid?.() !== 0) accessSync(history, constants.R_OK);
    return paths;
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

/** With a misspelt rule one would wait for its events in vain; with -f the rule may come. */
async function warnUnknown(
  reader: HistoryReader,
  query: Query,
  rulesFile: string,
  isFollowing: boolean,
): Promise<void> {
  if (query.rules.length === 0 && (query.tags ?? []).length === 0) return;
  const { unknownNames, rulesInForce, rulesOf } = await import("./unknown-names.ts");
  const words = unknownNames(
    query,
    () => rulesOf(reader),
    () => rulesInForce(rulesFile),
  );
  if (!isFollowing && words.length > 0) throw new UsageError(words.join("; "));
  for (const word of words) printNotice("sct log", escapeControls(word));
}

/** Prints what is there. */
async function list(
  reader: HistoryReader,
  { selection, form, isStopped }: FollowOptions,
  lines: number | undefined,
  output: OutputBuffer,
): Promise<Followed> {
  const printer = new Printer(reader, selection, form);
  const source = { reader, printer, selection };
  if (lines === 0) return { reader, printer, place: endOf(reader) };
  const count = (entry: HistoryEntry): number => printer.count(entry);
  const start =
    lines === undefined ? BEGINNING : await placeOfLast(lines, reader, selection, count);
  const place = await printFrom(start, source, output, isStopped);
  return { reader, printer, place };
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
