/** PARAMS[n].data: bytes of a vector that a parameter is, or of the one that a struct msghdr has. */
import type { CallView } from "../call-view.ts";
import type { VectorData } from "../vocabulary.ts";
import type { LongText } from "./long-text.ts";
import { addressOn, fromBytes, type Missing } from "./read-bytes.ts";
import { readMessageAddress, readSource } from "./read-param.ts";
import { piecesAt, textOfPieces } from "./read-vector.ts";

/** Absent: NULL. */
export function readData(call: CallView, index: number, { count }: VectorData): LongText | Missing {
  const at = readMessageAddress(call, index);
  if (typeof at !== "bigint") return at;
  const { wordSize: word } = call;
  if (count !== undefined) {
    const elements = readSource(call, count);
    if (typeof elements !== "bigint") return elements;
    return textOfPieces(call, piecesAt(call, at, BigInt.asUintN(32, elements), word));
  }
  // struct msghdr { pointer; length, padded; vector; number of its elements … }
  const bytes = call.readMemory(addressOn(call, at + BigInt(2 * word)), 2 * word);
  if (bytes === undefined) return "unreadable";
  const [vector, elements] = [0, word].map((from) => fromBytes(bytes.subarray(from, from + word)));
  return textOfPieces(call, piecesAt(call, vector ?? 0n, elements ?? 0n, word));
}
