/** `%params`, `%paramN` and their symbolic form. */
import type { ParamType, PresentedParam } from "../../language/vocabulary.ts";
import { UNUSED } from "../../linux/index.ts";
import { writeQuoted } from "../escape.ts";
import { TailStatus } from "../layout.ts";
import type { RecordReader } from "../record-reader.ts";
import type { Site } from "../site.ts";
import type { TextBuffer } from "../text-buffer.ts";
import type { EventNames } from "./context.ts";
import { isSignedParam, isText, NumberState, ParamNumber, printsSigned } from "./param-number.ts";

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
  const isUsed = symbolic === undefined ? undefined : compileUse(params, symbolic);
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
 * Whether the call looks at its last parameter: open takes a mode only with flags that create a file, fcntl an
 * argument only with some commands. Else it holds whatever was in the register, and strace leaves it out. Undefined
 * for calls that always do.
 */
function compileUse(
  params: readonly PresentedParam[],
  names: EventNames,
): ((record: RecordReader) => boolean) | undefined {
  const decider = params.at(-2);
  const last = params.at(-1)?.type.semantic;
  if (decider === undefined || last === undefined) return undefined;
  const number = new ParamNumber(decider, params.length - 1);
  if (decider.type.semantic === "open_flags" && last === "mode")
    return (record) => number.load(record, true) !== NumberState.ok || (number.low & CREATES) !== 0;
  const dependence = names.dependence(last);
  if (dependence === undefined || dependence.on !== decider.type.semantic) return undefined;
  return (record) =>
    number.load(record, true) !== NumberState.ok || dependence.choose(number.value) !== UNUSED;
}

/** Parameter `index` (from 1): text in quotes, numbers in signed decimal of their own width. */
export function compileParam(site: Site, index: number, symbolic: EventNames | undefined): Writer {
  const param = site.presentation.params[index - 1];
  if (param === undefined) return (_, out) => out.append(NONE);
  const writeNumber = compileNumber(site.presentation.params, param, index, symbolic);
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
  params: readonly PresentedParam[],
  param: PresentedParam,
  index: number,
  symbolic: EventNames | undefined,
): Writer {
  const number = new ParamNumber(param, index);
  const { type } = param;
  const isSigned = symbolic === undefined ? printsSigned(type) : isSignedParam(type);
  const meaning = symbolic === undefined ? undefined : compileMeaning(params, type, symbolic);
  return (record, out) => {
    const state = number.load(record, isSigned);
    if (state === NumberState.absent) out.append(NONE);
    else if (state === NumberState.unreadable) out.append(UNREADABLE);
    else if (isText(type)) out.append(number.low === 0 && number.high === 0 ? NULL : UNREADABLE);
    else if (symbolic === undefined) out.int64(number.low, number.high);
    else {
      const semantic = meaning?.(record);
      if (
        semantic === undefined ||
        !symbolic.writeSymbolic(out, semantic, number.low, number.high, isSigned)
      )
        writeUnnamed(out, type.kind === "int", number, isSigned);
    }
  };
}

/** The meaning of a number, which another parameter may decide. */
function compileMeaning(
  params: readonly PresentedParam[],
  { semantic }: ParamType,
  names: EventNames,
): (record: RecordReader) => string | undefined {
  const dependence = semantic === undefined ? undefined : names.dependence(semantic);
  if (dependence === undefined) return () => semantic;
  const at = params.findIndex(({ type }) => type.semantic === dependence.on);
  const decider = params[at];
  if (decider === undefined) return () => undefined;
  const number = new ParamNumber(decider, at + 1);
  return (record) =>
    number.load(record, true) === NumberState.ok ? dependence.choose(number.value) : undefined;
}

/** As strace shows what it has no names for: numbers in decimal, addresses in hex. */
function writeUnnamed(
  out: TextBuffer,
  isNumber: boolean,
  number: ParamNumber,
  isSigned: boolean,
): void {
  if (isNumber && isSigned) out.int64(number.low, number.high);
  else if (isNumber) out.uint64(number.low, number.high);
  else if (number.low === 0 && number.high === 0) out.append(NULL);
  else out.hex(number.low, number.high);
}
