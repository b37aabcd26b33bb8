/** `--json`: one object a line, keys and order as in docs/events.md. Written as bytes; src/events/decode.ts makes the object. */
import { toJson } from "../../base/escape.ts";
import { writeJsonString } from "../json-string.ts";
import { COMM_SIZE, RecordOffset, TailStatus } from "../layout.ts";
import { listTexts } from "../list-texts.ts";
import { RecordError, type RecordReader } from "../record-reader.ts";
import type { Site } from "../site.ts";
import { TextBuffer } from "../text-buffer.ts";
import type { FormatContext } from "./context.ts";
import { dirTest } from "./dir.ts";
import { errorName } from "./error-name.ts";
import { EVENT_FLAGS, EVENT_IDS } from "./event-fields.ts";
import type { Writer } from "./param.ts";
import { isSignedParam, isText, NumberState, ParamNumber } from "./param-number.ts";
import { RecordFormatter } from "./record-formatter.ts";
import { compileSite } from "./text.ts";
import { compileTimestamp } from "./timestamp.ts";

const encoder = new TextEncoder();
const COMMA = 0x2c;
const QUOTE = 0x22;
const NEWLINE = 0x0a;
/** Beyond 2^53 JSON readers lose digits, so numbers become strings; this is the high word of 2^53. */
const MAX_EXACT_HIGH = 0x20_0000;

/** One line a record. */
export class JsonFormatter extends RecordFormatter {
  constructor(sites: readonly Site[], context: FormatContext) {
    super(sites, context, compileJson);
  }
}

export function compileJson(site: Site, context: FormatContext): Writer {
  const { rule, presentation } = site;
  const actions = rule.actions.map((action) => action.type);
  const writers: Writer[] = [
    literal('{"v":1,"ts":"'),
    compileTimestamp(context),
    literal(
      `","rule":${toJson(rule.name)},"actions":${JSON.stringify(actions)}` +
        `,"when":"${rule.when}","syscall":"${presentation.call}","as":"${presentation.as}"` +
        `,"nr":${presentation.nr},"abi":"${presentation.abi}","params":[`,
    ),
    ...presentation.params.map((param, i) => compileJsonParam(site, i + 1, param.name)),
    literal('],"args":['),
    compileArgs(context.names.registers(presentation.call, presentation.abi)),
    literal('],"retval":'),
    compileRetval(site, context),
    compileCaller(),
    ...(["exe", "cwd", "path"] as const).map(compileObjectName),
    literal(',"flags":['),
    writeFlags,
    literal(`],"gen":${context.generation},"seq":`),
    (record, out) => out.uint64(record.u32(RecordOffset.seq), record.u32(RecordOffset.seq + 4)),
    literal(',"message":'),
    compileMessage(site, context),
    literal(
      `,"priority":${rule.priority ?? null},"tags":${toJson(rule.tags)}` +
        `,"description":${toJson(rule.description ?? null)},"cmdline":`,
    ),
    writeCmdline,
    compileDir(site),
    compileDuration(site),
    literal("}\n"),
  ];
  return (record, out) => {
    for (let i = 0; i < writers.length; i++) (writers[i] as Writer)(record, out);
  };
}

/** Null where the engine was not asked for the name, or there is none. */
function compileObjectName(name: "exe" | "cwd" | "path"): Writer {
  const start = literal(`,"${name}":`);
  const none = literal("null");
  return (record, out) => {
    start(record, out);
    const slot = record.objectSlot(name);
    const status = record.objectStatus(slot);
    if (status === TailStatus.ok || status === TailStatus.truncated)
      writeJsonString(out, record.memory, record.objectStart(slot), record.objectEnd(slot));
    else none(record, out);
  };
}

/** Arguments of the caller, null where they could not be read; a process that is about to end has none. */
function writeCmdline(record: RecordReader, out: TextBuffer): void {
  const slot = record.objectSlot("cmdline");
  const status = record.objectStatus(slot);
  if (status !== TailStatus.ok && status !== TailStatus.truncated) {
    out.string("null");
    return;
  }
  out.byte(0x5b);
  let isFirst = true;
  for (const [start, end] of listTexts(record, slot)) {
    if (!isFirst) out.byte(COMMA);
    isFirst = false;
    writeJsonString(out, record.memory, start, end);
  }
  out.byte(0x5d);
}

/** Null where no path of the call begins at a descriptor. */
function compileDir(site: Site): Writer {
  const start = literal(',"dir":');
  const none = literal("null");
  const isIn = dirTest(site, 0);
  return (record, out) => {
    start(record, out);
    const slot = record.objectSlot("dir");
    if (isIn(record))
      writeJsonString(out, record.memory, record.objectStart(slot), record.objectEnd(slot));
    else none(record, out);
  };
}

function compileJsonParam(site: Site, index: number, name: string): Writer {
  const param = site.presentation.params[index - 1];
  if (param === undefined) throw new RecordError(`Cannot find parameter ${index}`);
  const { type } = param;
  const number = new ParamNumber(param, index);
  const isSigned = isSignedParam(type);
  const comma = index > 1 ? "," : "";
  const start = literal(
    `${comma}{"name":${JSON.stringify(name)},"type":${JSON.stringify(type.kind)},"value":`,
  );
  return (record, out) => {
    start(record, out);
    const status = record.textStatus(index);
    if (status === TailStatus.ok || status === TailStatus.truncated) {
      writeJsonString(out, record.memory, record.textStart(index), record.textEnd(index));
    } else if (status >= 0 || isText(type)) out.string("null");
    else if (number.load(record, isSigned) !== NumberState.ok) out.string("null");
    else if (type.kind === "int") writeNumber(out, number.low, number.high, isSigned);
    else writeAddress(out, number.low, number.high);
    out.byte(0x7d);
  };
}

function writeNumber(out: TextBuffer, low: number, high: number, isSigned: boolean): void {
  const top = isSigned ? high | 0 : high >>> 0;
  const isExact = top < MAX_EXACT_HIGH && top >= -MAX_EXACT_HIGH;
  if (!isExact) out.byte(QUOTE);
  if (isSigned) out.int64(low, high);
  else out.uint64(low, high);
  if (!isExact) out.byte(QUOTE);
}

function writeAddress(out: TextBuffer, low: number, high: number): void {
  if (low === 0 && high === 0) {
    out.string("null");
    return;
  }
  out.byte(QUOTE);
  out.hex(low, high);
  out.byte(QUOTE);
}

/** An int is what the call makes of its register: compilers leave the upper half of AT_FDCWD zero, or not. */
function compileArgs(registers: readonly ("word" | "int")[]): Writer {
  return (record, out) => {
    for (let i = 0; i < registers.length; i++) {
      if (i > 0) out.byte(COMMA);
      const at = RecordOffset.args + i * 8;
      const low = record.u32(at);
      out.byte(QUOTE);
      out.hex(low, registers[i] === "int" ? (low | 0) >> 31 : record.u32(at + 4));
      out.byte(QUOTE);
    }
  };
}

function compileRetval(site: Site, { names }: FormatContext): Writer {
  if (site.rule.when === "before") return literal('null,"errno":null');
  return (record, out) => {
    writeNumber(out, record.u32(RecordOffset.retval), record.u32(RecordOffset.retval + 4), true);
    const name = errorName(record, names);
    out.string(name === undefined ? ',"errno":null' : `,"errno":"${name}"`);
  };
}

function compileDuration({ rule }: Site): Writer {
  if (rule.when === "before") return literal(',"duration_ns":null');
  const start = literal(',"duration_ns":');
  const { duration } = RecordOffset;
  return (record, out) => {
    start(record, out);
    writeNumber(out, record.u32(duration), record.u32(duration + 4), false);
  };
}

/** Ids and name of the caller: mostly those of the event before, whose text then serves again. */
function compileCaller(): Writer {
  const start = RecordOffset.pid;
  const last = new Uint8Array(RecordOffset.comm + COMM_SIZE - start);
  const ids = EVENT_IDS.map(([name, field]) => compileId(name, field));
  const comm = encoder.encode(',"comm":');
  let text: Uint8Array | undefined;
  return (record, out) => {
    if (text !== undefined && record.equals(start, last)) {
      out.append(text);
      return;
    }
    const from = out.length;
    for (const write of ids) write(record, out);
    out.append(comm);
    const { comm: name } = RecordOffset;
    writeJsonString(out, record.memory, record.nameStart(name), record.nameEnd(name));
    text = out.bytes.slice(from, out.length);
    record.copy(start, last);
  };
}

function compileId(name: string, field: number): Writer {
  const key = encoder.encode(`,"${name}":`);
  return (record, out) => {
    out.append(key);
    if (record.isKnown(field)) out.integer(record.u32(field));
    else out.string("null");
  };
}

function writeFlags(record: RecordReader, out: TextBuffer): void {
  const { flags } = record;
  if (flags === 0) return;
  const names = EVENT_FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => `"${name}"`);
  out.string(names.join(","));
}

/** The text that the rule logs, without the last newline; null for a rule that does not log. */
function compileMessage(site: Site, context: FormatContext): Writer {
  if (!site.rule.actions.some((action) => action.type === "LOG")) return literal("null");
  const write = compileSite(site, context);
  const text = new TextBuffer(256);
  return (record, out) => {
    text.clear();
    write(record, text);
    const isLine = text.bytes[text.length - 1] === NEWLINE;
    writeJsonString(out, text.bytes, 0, isLine ? text.length - 1 : text.length);
  };
}

function literal(text: string): Writer {
  const bytes = encoder.encode(text);
  return (_, out) => out.append(bytes);
}
