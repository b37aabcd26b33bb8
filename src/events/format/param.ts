/** `%params`, `%paramN` and their symbolic form. */
import type { PresentedParam } from "../../language/vocabulary.ts";
import { writeQuoted } from "../escape.ts";
import { TailStatus } from "../layout.ts";
import type { RecordReader } from "../record-reader.ts";
import type { Site } from "../site.ts";
import type { TextBuffer } from "../text-buffer.ts";
import type { EventNames } from "./context.ts";
import { isText, NumberState, ParamNumber } from "./param-number.ts";

/** Writes one thing of the record into the line. */
export type Writer = (record: RecordReader, out: TextBuffer) => void;

const encoder = new TextEncoder();
const NULL = encoder.encode("NULL");
const SEPARATOR = encoder.encode(", ");
export const UNREADABLE = encoder.encode("(unreadable)");
export const NONE = encoder.encode("(none)");

/** All parameters as the rule's name for the call has them. */
export function compileParams(site: Site, symbolic: EventNames | undefined): Writer {
  const { params } = site.presentation;
  const writers = params.map((_, i) => compileParam(site, i + 1, symbolic));
  const isUsed = symbolic === undefined ? undefined : compileModeUse(params);
  return (record, out) => {
    const count = isUsed === undefined || isUsed(record) ? writers.length : writers.length - 1;
    for (let i = 0; i < count; i++) {
      if (i > 0) out.append(SEPARATOR);
      (writers[i] as Writer)(record, out);
    }
  };
}

/** O_CREAT or __O_TMPFILE */
const CREATES = 0o20000100;

/**
 * open takes a mode only with flags that create a file; without them the parameter holds whatever was in the
 * register, and strace leaves it out. Undefined for calls without that pair of parameters.
 */
function compileModeUse(
  params: readonly PresentedParam[],
): ((record: RecordReader) => boolean) | undefined {
  const flags = params.at(-2);
  if (flags?.type.semantic !== "open_flags" || params.at(-1)?.type.semantic !== "mode") {
    return undefined;
  }
  const number = new ParamNumber(flags, params.length - 1);
  return (record) => number.load(record, true) !== NumberState.ok || (number.low & CREATES) !== 0;
}

/** Parameter `index` (from 1): text in quotes, numbers in signed decimal of their own width. */
export function compileParam(site: Site, index: number, symbolic: EventNames | undefined): Writer {
  const param = site.presentation.params[index - 1];
  if (param === undefined) return (_, out) => out.append(NONE);
  const writeNumber = compileNumber(param, index, symbolic);
  return (record, out) => {
    const status = record.textStatus(index);
    if (status === TailStatus.ok || status === TailStatus.truncated) {
      const isTruncated = status === TailStatus.truncated;
      writeQuoted(out, record.memory, record.textStart(index), record.textEnd(index), isTruncated);
    } else if (status === TailStatus.null) out.append(NULL);
    else if (status === TailStatus.unreadable) out.append(UNREADABLE);
    else writeNumber(record, out);
  };
}

function compileNumber(
  param: PresentedParam,
  index: number,
  symbolic: EventNames | undefined,
): Writer {
  const number = new ParamNumber(param, index);
  const { type } = param;
  const { semantic } = type;
  return (record, out) => {
    const state = number.load(record, true);
    if (state === NumberState.absent) out.append(NONE);
    else if (state === NumberState.unreadable) out.append(UNREADABLE);
    else if (isText(type)) out.append(number.low === 0 && number.high === 0 ? NULL : UNREADABLE);
    else if (symbolic === undefined) out.int64(number.low, number.high);
    else if (
      semantic === undefined ||
      !symbolic.writeSymbolic(out, semantic, number.low, number.high)
    ) {
      writeUnnamed(out, type.kind === "int", number);
    }
  };
}

/** As strace shows what it has no names for: numbers in decimal, addresses in hex. */
function writeUnnamed(out: TextBuffer, isNumber: boolean, number: ParamNumber): void {
  if (isNumber) out.int64(number.low, number.high);
  else if (number.low === 0 && number.high === 0) out.append(NULL);
  else out.hex(number.low, number.high);
}
