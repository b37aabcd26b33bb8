/** Arrays of struct iovec: one buffer in several pieces, of which the kernel makes one read or write. */
import { MAX_RW_COUNT, UIO_MAXIOV } from "../../base/linux-abi.ts";
import type { CallView } from "../call-view.ts";
import type { ValueSource, Vector } from "../vocabulary.ts";
import type { LongText } from "./long-text.ts";
import { addressOn, fromBytes, type Missing } from "./read-bytes.ts";

export type VectorSource = Extract<ValueSource, { kind: "memory" }> & { readonly vector: Vector };

/** With more the call fails (EINVAL), as it does with a vector that cannot be read. */
const MOST_ELEMENTS = BigInt(UIO_MAXIOV);
/** The kernel leaves out what is beyond, and so no sum is wider than the parameter it is shown in. */
const MOST_BYTES = BigInt(MAX_RW_COUNT);

interface Element {
  readonly base: bigint;
  readonly length: bigint;
}

export function isVector(source: ValueSource | undefined): source is VectorSource {
  return source?.kind === "memory" && source.vector !== undefined;
}

/** How many bytes all elements hold. */
export function readVectorLength(call: CallView, source: VectorSource): bigint | Missing {
  const elements = readElements(call, source);
  if (elements === undefined) return "unreadable";
  const total = totalOf(elements);
  return total < MOST_BYTES ? total : MOST_BYTES;
}

/** The text of all elements, one behind the other. */
export function readVectorText(call: CallView, source: VectorSource): LongText | Missing {
  return textOfPieces(call, readElements(call, source));
}

/** Undefined: they cannot be read. */
export function textOfPieces(
  call: CallView,
  elements: readonly Element[] | undefined,
): LongText | Missing {
  if (elements === undefined) return "unreadable";
  const total = totalOf(elements);
  return {
    length: Math.min(Number(total), MAX_RW_COUNT),
    read: (from, size) => readAcross(call, elements, from, size),
  };
}

function readAcross(
  call: CallView,
  elements: readonly Element[],
  from: number,
  size: number,
): Uint8Array | undefined {
  const text = new Uint8Array(size);
  let end = 0;
  let skip = BigInt(from);
  for (const { base, length } of elements) {
    // an element without bytes may point anywhere, also nowhere
    if (length <= skip) {
      skip -= length;
      continue;
    }
    if (end === size) break;
    const wanted = BigInt(size - end);
    const count = length - skip < wanted ? length - skip : wanted;
    const piece = call.readMemory(base + skip, Number(count));
    if (piece === undefined) return undefined;
    text.set(piece, end);
    end += piece.length;
    skip = 0n;
  }
  return text;
}

function totalOf(elements: readonly Element[]): bigint {
  return elements.reduce((sum, { length }) => sum + length, 0n);
}

function readElements(call: CallView, source: VectorSource): Element[] | undefined {
  const { pointerArg, size: word, vector } = source;
  const count = BigInt.asUintN(32, call.arg(vector.countArg));
  return piecesAt(call, addressOn(call, call.arg(pointerArg)), count, word);
}

/** `word`: size of a pointer. Undefined: there are too many, or they cannot be read. */
export function piecesAt(
  call: CallView,
  at: bigint,
  count: bigint,
  word: number,
): Element[] | undefined {
  if (count > MOST_ELEMENTS) return undefined;
  if (count === 0n) return [];
  const bytes = call.readMemory(at, Number(count) * 2 * word);
  if (bytes === undefined) return undefined;
  const wordAt = (offset: number): bigint => fromBytes(bytes.subarray(offset, offset + word));
  return Array.from({ length: Number(count) }, (_, i) => ({
    base: wordAt(i * 2 * word),
    length: wordAt(i * 2 * word + word),
  }));
}
