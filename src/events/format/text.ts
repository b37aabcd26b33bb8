/**
 * Lines of text: a rule's log_format, or the default line, compiled once per site into writers that copy from the
 * record straight into the output.
 */
import { escapeControls } from "../../base/escape.ts";
import type { CheckedAction, CheckedRule, FormatPiece } from "../../language/checked/index.ts";
import { namesInDirectories } from "../../language/index.ts";
import { writeQuoted } from "../escape.ts";
import { RecordFlag, RecordOffset, TailStatus } from "../layout.ts";
import type { Site } from "../site.ts";
import type { FormatContext } from "./context.ts";
import { dirTest } from "./dir.ts";
import { errorName } from "./error-name.ts";
import { compileMacro } from "./macros.ts";
import type { Writer } from "./param.ts";
import { RecordFormatter } from "./record-formatter.ts";

const NEWLINE = 0x0a;
const encoder = new TextEncoder();

/** One line for each LOG action of the record's rule. */
export class TextFormatter extends RecordFormatter {
  constructor(sites: readonly Site[], context: FormatContext) {
    super(sites, context, compileSite);
  }
}

/** The same with the day and the time in front of what does not say them itself: for lines that were kept. */
export class DatedTextFormatter extends RecordFormatter {
  constructor(sites: readonly Site[], context: FormatContext) {
    super(sites, context, (site, given) => compileSite(site, given, compileDate));
  }
}

type LogAction = Extract<CheckedAction, { type: "LOG" }>;
type CompileLine = (site: Site, context: FormatContext, action: LogAction) => Writer;

/** All lines that a record of the site makes, each with its newline, and with what `compileStart` puts in front. */
export function compileSite(
  site: Site,
  context: FormatContext,
  compileStart?: CompileLine,
): Writer {
  const compile = compileStart === undefined ? [compileLine] : [compileStart, compileLine];
  const lines = site.rule.actions
    .filter((action) => action.type === "LOG")
    .map((action) => compile.map((one) => one(site, context, action)));
  return (record, out) => {
    for (const pieces of lines) {
      for (const piece of pieces) piece(record, out);
      out.byte(NEWLINE);
    }
  };
}

/** The line of one LOG action, without the newline. */
export function compileLine(site: Site, context: FormatContext, action: LogAction): Writer {
  const pieces = action.format ?? defaultFormat(site, action.span);
  const writers = pieces.map((piece) =>
    piece.kind === "text" ? literal(piece.text) : compileMacro(site, context, piece),
  );
  if (action.format === undefined) {
    writers.push(compileDirs(site), compileReturn(site.rule, context), compileOutcome(site.rule));
  }
  return (record, out) => {
    for (let i = 0; i < writers.length; i++) (writers[i] as Writer)(record, out);
  };
}

/**
 * `15:00:00.123456 "rm"[4242] uid=0 unlink_rule1: unlink("./dummy")`, and ` = -2 ENOENT` for an `after` rule.
 * The call has the name that the rule uses, because the parameters are those of that name.
 */
function defaultFormat(site: Site, span: CheckedRule["span"]): readonly FormatPiece[] {
  const text = (value: string): FormatPiece => ({ kind: "text", text: value });
  const macro = (name: string, argument?: string): FormatPiece =>
    argument === undefined
      ? { kind: "macro", name, span }
      : { kind: "macro", name, argument, span };
  return [
    macro("time", "%H:%M:%S.%6N"),
    text(" "),
    macro("comm"),
    text("["),
    macro("pid"),
    text("] uid="),
    macro("uid"),
    text(" "),
    macro("ruleid"),
    text(`: ${site.presentation.as}(`),
    macro("params", "symbolic"),
    text(")"),
  ];
}

/** `2026-11-23 ` in front of the default line, which has the time; nothing in front of a format that has one. */
function compileDate(site: Site, context: FormatContext, { format, span }: LogAction): Writer {
  if (format?.some((piece) => piece.kind === "macro" && piece.name === "time")) return () => {};
  const argument = format === undefined ? "%Y-%m-%d " : "%Y-%m-%d %H:%M:%S.%6N ";
  return compileMacro(site, context, { kind: "macro", name: "time", argument, span });
}

/** ` in "/tmp/x"`, for each path that begins at a descriptor: the name alone says too little of `rm -rf`. */
function compileDirs(site: Site): Writer {
  const start = encoder.encode(" in ");
  const comma = encoder.encode(", ");
  const names = namesInDirectories(site.presentation);
  const tests = names.map(({ nth }) => [nth, dirTest(site, nth)] as const);
  return (record, out) => {
    let count = 0;
    for (const [nth, isIn] of tests) {
      if (!isIn(record)) continue;
      const slot = record.objectSlot("dir", nth);
      out.append(count++ === 0 ? start : comma);
      const isCut = record.objectStatus(slot) === TailStatus.truncated;
      writeQuoted(out, record.memory, record.objectStart(slot), record.objectEnd(slot), isCut);
    }
  };
}

/** ` = -2 ENOENT`, once the call has returned. */
function compileReturn(rule: CheckedRule, { names }: FormatContext): Writer {
  const equals = encoder.encode(" = ");
  return (record, out) => {
    if (rule.when === "before") return;
    out.append(equals);
    out.int64(record.u32(RecordOffset.retval), record.u32(RecordOffset.retval + 4));
    const name = errorName(record, names);
    if (name !== undefined) out.string(` ${name}`);
  };
}

/** What else the rule does about the call, and whether that came too late: ` [KILL, after the call]`. */
function compileOutcome(rule: CheckedRule): Writer {
  const others = rule.actions.filter((action) => action.type !== "LOG").map(({ type }) => type);
  const names = encoder.encode(others.length === 0 ? "" : ` [${others.join(",")}`);
  const late = encoder.encode(", after the call");
  return (record, out) => {
    if (names.length === 0) return;
    out.append(names);
    if ((record.flags & RecordFlag.callDone) !== 0) out.append(late);
    out.byte(0x5d);
  };
}

/** A format may hold anything, invisible characters among it; a line breaks only at its end. */
function literal(text: string): Writer {
  const bytes = encoder.encode(escapeControls(text));
  return (_, out) => out.append(bytes);
}
