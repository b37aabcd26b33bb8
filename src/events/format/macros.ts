/** Each `%macro` of a log_format as a writer. Those of variables follow from where records have them. */

import { table } from "../../base/table.ts";
import { fileNumber } from "../../language/file-parameters.ts";
import { findByMacro, type RecordPlace } from "../../variables/index.ts";
import { writeEscaped, writeQuoted, writeQuotedList } from "../escape.ts";
import { placeOfMacro, shapeOfMacro } from "../extra-macros.ts";
import { isField } from "../field-macro.ts";
import { RecordOffset, TailStatus } from "../layout.ts";
import { listTexts } from "../list-texts.ts";
import type { Macro } from "../macro.ts";
import type { RecordReader } from "../record-reader.ts";
import type { Site } from "../site.ts";
import type { TextBuffer } from "../text-buffer.ts";
import type { FormatContext } from "./context.ts";
import { dirTest } from "./dir.ts";
import { errorName } from "./error-name.ts";
import { compileField } from "./field.ts";
import { compileParam, compileParams, NONE, UNREADABLE, type Writer } from "./param.ts";
import { compileTimeFormat, DEFAULT_TIME_FORMAT } from "./strftime.ts";

type MacroCompiler = (site: Site, context: FormatContext, macro: Macro) => Writer;

const encoder = new TextEncoder();

/** Names, numbers and ids are those of the caller at the moment of the call. */
const MACROS = table<MacroCompiler>({
  ruleid: (site) => bare(site.rule.name),
  sid: (site) => bare(String(site.presentation.nr)),
  snr: (site) => bare(String(site.presentation.nr)),
  action: (site) => bare(site.rule.actions.map((action) => action.type).join(",")),
  params: (site, context, macro) =>
    compileParams(site, macro.argument === "symbolic" ? context.names : undefined),
  param: (site, context, macro) =>
    compileParam(site, macro.index ?? 0, macro.argument === "symbolic" ? context.names : undefined),
  cmdline: () => cmdline,
  dir: (site, _, macro) => dir(site, fileNumber(site.presentation, macro.index ?? 0) ?? 0),
  path: (site, _, macro) => filePath(site, macro.index ?? 0),
  username: (_, context) => userName(context),
  errname: (site, context) => afterOnly(site, errname(context)),
  time: (_, context, macro) => time(context, macro.argument ?? DEFAULT_TIME_FORMAT),
});

/** Engines refuse macros that they have no value for, so an unknown one is never met here by a rule that runs. */
export function compileMacro(site: Site, context: FormatContext, macro: Macro): Writer {
  const place = placeOfMacro(site.rule, macro);
  if (place >= 0) {
    const text = extra(place, shapeOfMacro(macro, site.presentation));
    return isField(macro) ? compileField(site, macro, place, text) : text;
  }
  const compile = MACROS[macro.name];
  if (compile !== undefined) return compile(site, context, macro);
  const shown = findByMacro(macro.name);
  return shown === undefined ? none : ofVariable(site, shown.record);
}

const none: Writer = (_, out) => out.append(NONE);

/** A variable of the language, from where the record has it. */
function ofVariable(site: Site, record: RecordPlace): Writer {
  switch (record.in) {
    case "id":
      return id(RecordOffset[record.field]);
    case "name":
      return threadName(RecordOffset[record.field]);
    case "word":
      return afterOnly(site, long(RecordOffset[record.field]));
    case "tail":
      return objectName(record.object, 0);
    case "site":
      return bare(String(site.presentation[record.part]));
    case "macro":
      // each is an extra macro of its rule
      return none;
  }
}

/** Value from the tail: numbers bare, text in quotes. */
function extra(place: number, shape: ReturnType<typeof shapeOfMacro>): Writer {
  return (record, out) => {
    const slot = record.macroSlot(place);
    const status = record.objectStatus(slot);
    const [start, end] = [record.objectStart(slot), record.objectEnd(slot)];
    if (status === TailStatus.unreadable) out.append(UNREADABLE);
    else if (status === TailStatus.number)
      out.uint64(record.objectWord(slot, 0), record.objectWord(slot, 1));
    else if (status !== TailStatus.ok && status !== TailStatus.truncated) out.append(NONE);
    else if (shape === "bare") writeEscaped(out, record.memory, start, end);
    else if (shape === "list")
      writeQuotedList(out, record.memory, listTexts(record, slot), status === TailStatus.truncated);
    else writeQuoted(out, record.memory, start, end, status === TailStatus.truncated);
  };
}

function bare(text: string): Writer {
  const bytes = encoder.encode(text);
  return (_, out) => writeEscaped(out, bytes, 0, bytes.length);
}

/** Ids are 32 bits wide and print signed like every number: the login that is none, 0xffffffff, is -1. */
function id(field: number): Writer {
  return (record, out) => {
    if (record.isKnown(field)) out.integer(record.i32(field));
    else out.append(UNREADABLE);
  };
}

function long(field: number): Writer {
  return (record, out) => out.int64(record.u32(field), record.u32(field + 4));
}

function threadName(field: number): Writer {
  return (record, out) => {
    if (field === RecordOffset.pcomm && !record.isKnown(field)) out.append(UNREADABLE);
    else writeQuoted(out, record.memory, record.nameStart(field), record.nameEnd(field), false);
  };
}

/** %path alone is the first. */
function filePath(site: Site, index: number): Writer {
  const nth = fileNumber(site.presentation, index);
  return nth === undefined ? none : objectName("path", nth);
}

/** Arguments of the caller: `["rm", "-rf", "x"]`. */
function cmdline(record: RecordReader, out: TextBuffer): void {
  const slot = record.objectSlot("cmdline");
  const status = record.objectStatus(slot);
  if (status === TailStatus.ok || status === TailStatus.truncated)
    writeQuotedList(out, record.memory, listTexts(record, slot), status === TailStatus.truncated);
  else out.append(UNREADABLE);
}

function dir(site: Site, nth: number): Writer {
  const isIn = dirTest(site, nth);
  const write = objectName("dir", nth);
  return (record, out) => (isIn(record) ? write(record, out) : out.append(NONE));
}

function objectName(name: "exe" | "cwd" | "dir" | "path", nth: number): Writer {
  return (record, out) => {
    const slot = record.objectSlot(name, nth);
    const status = record.objectStatus(slot);
    if (status === TailStatus.ok || status === TailStatus.truncated) {
      const [start, end] = [record.objectStart(slot), record.objectEnd(slot)];
      writeQuoted(out, record.memory, start, end, status === TailStatus.truncated);
    } else out.append(status === TailStatus.unreadable ? UNREADABLE : NONE);
  };
}

function userName({ names }: FormatContext): Writer {
  const known = new Map<number, Uint8Array>();
  return (record, out) => {
    if (!record.isKnown(RecordOffset.uid)) {
      out.append(UNREADABLE);
      return;
    }
    const uid = record.u32(RecordOffset.uid);
    let name = known.get(uid);
    if (name === undefined) {
      name = encoder.encode(names.userName(uid) ?? String(uid));
      known.set(uid, name);
    }
    writeEscaped(out, name, 0, name.length);
  };
}

function errname({ names }: FormatContext): Writer {
  return (record, out) => {
    const name = errorName(record, names);
    if (name === undefined) out.append(NONE);
    else out.string(name);
  };
}

function time({ clock }: FormatContext, format: string): Writer {
  const write = compileTimeFormat(format);
  return (record, out) => {
    clock.set(record.u32(RecordOffset.time), record.u32(RecordOffset.time + 4));
    write(clock, out);
  };
}

function afterOnly(site: Site, writer: Writer): Writer {
  return site.rule.when === "after" ? writer : none;
}
