/** Buffers of one call: as many bytes as it says, of which an engine may read a beginning. */
import { MAX_RW_COUNT, PAGE_SIZE } from "../../base/linux-abi.ts";
import type { CallView, StringRead } from "../call-view.ts";
import { MAX_STRING } from "../checked/index.ts";
import type { ParamType } from "../vocabulary.ts";
import { type CutText, isCut } from "./cut-text.ts";
import { isLong, type LongText, MOST_HELD, readWhole } from "./long-text.ts";
import type { Missing } from "./read-bytes.ts";
import { readData } from "./read-data.ts";
import { whole } from "./read-field.ts";
import { presented, readGivenAddress, readParam } from "./read-param.ts";
import { isVector, readVectorText } from "./read-vector.ts";

/** Bytes of a buffer, which may be too many to be held, or more than the engine reads. */
export function readBuffer(
  call: CallView,
  index: number,
): Uint8Array | LongText | CutText | Missing {
  const { source, type, data } = presented(call, index) ?? {};
  if (isVector(source)) return heldText(call, readVectorText(call, source), type);
  if (data !== undefined) return heldText(call, readData(call, index, data), data);
  const pointer = readGivenAddress(call, index);
  if (typeof pointer !== "bigint") return pointer;
  const lengthParam = type?.lengthParam;
  if (lengthParam === undefined) return whole(call.readString(pointer));
  const length = readParam(call, lengthParam);
  if (typeof length !== "bigint") return length;
  if (length < 0n) return "unreadable";
  const size = Math.min(Number(length), MAX_RW_COUNT);
  const read = (from: number, count: number) => call.readMemory(pointer + BigInt(from), count);
  const inFirstPage = PAGE_SIZE - Number(pointer % BigInt(PAGE_SIZE));
  return heldText(call, { length: size, read }, type, inFirstPage);
}

/**
 * As bytes, unless it is too long for that. Where it cannot be read as a whole, what lies in its first page may: that is its
 * beginning then.
 */
function heldText(
  call: CallView,
  text: LongText | Missing,
  type: Pick<ParamType, "isFilled"> | undefined,
  inFirstPage = 0,
): Uint8Array | LongText | CutText | Missing {
  if (typeof text === "string") return text;
  // what lies behind is not what the call has read; before it there is no such number
  const filled = type?.isFilled === true ? call.intVariable("RETVAL") : undefined;
  if (filled !== undefined && filled < 0n) return "absent";
  const length = Math.min(text.length, Number(filled ?? text.length));
  if (call.readsAll === true && length > MOST_HELD) return { ...text, length };
  if (call.readsAll !== true && length > MAX_STRING) {
    const start = text.read(0, MAX_STRING);
    return start === undefined ? startOfBuffer(text, MAX_STRING, inFirstPage) : { start };
  }
  if (length === 0) return new Uint8Array();
  return text.read(0, length) ?? startOfBuffer(text, length, inFirstPage);
}

function startOfBuffer(text: LongText, length: number, inFirstPage: number): CutText | Missing {
  const start = inFirstPage > 0 && inFirstPage < length ? text.read(0, inFirstPage) : undefined;
  return start === undefined ? "unreadable" : { start };
}

/** What an event shows of a buffer: its first MAX_STRING bytes. */
export function readBufferStart(call: CallView, index: number): StringRead | Missing {
  const text = readBuffer(call, index);
  if (typeof text === "string") return text;
  if (isCut(text)) return { bytes: text.start, truncated: true };
  if (!isLong(text))
    return { bytes: text.subarray(0, MAX_STRING), truncated: text.length > MAX_STRING };
  const bytes = text.read(0, MAX_STRING);
  return bytes === undefined ? "unreadable" : { bytes, truncated: true };
}

/** All of it; unreadable: it is too long for that. */
export function readWholeBuffer(call: CallView, index: number): Uint8Array | Missing {
  const text = readBuffer(call, index);
  if (typeof text === "string") return text;
  if (isCut(text)) return "unreadable";
  return isLong(text) ? (readWhole(text) ?? "unreadable") : text;
}
