/** What prints the calls of a number: made once, when the first is printed. */
import type { Abi } from "../language/vocabulary.ts";
import { byAbi, callName, findCall } from "../linux/index.ts";
import { type CallPieces, input } from "./piece.ts";
import { piecesOf } from "./rows.ts";
import { showHex } from "./value/number.ts";

export interface Decoder extends CallPieces {
  readonly name: string;
}

const decoders: Readonly<Record<Abi, (Decoder | undefined)[]>> = byAbi(() => []);
/** Numbers above are no calls; what prints those is made each time. */
const MOST_CALLS = 1024;

export function decoderOf(abi: Abi, nr: number): Decoder {
  const known = decoders[abi][nr];
  if (known !== undefined) return known;
  const made = makeDecoder(abi, nr);
  if (nr >= 0 && nr < MOST_CALLS) decoders[abi][nr] = made;
  return made;
}

function makeDecoder(abi: Abi, nr: number): Decoder {
  const name = callName(nr, abi);
  const call = name === undefined ? undefined : findCall(name, abi);
  if (name === undefined || call === undefined) return unknownCall(nr);
  return { name, ...piecesOf(call) };
}

/** All six registers. */
function unknownCall(nr: number): Decoder {
  const name = `syscall_${nr < 0 ? nr : `0x${nr.toString(16)}`}`;
  return { name, pieces: Array.from({ length: 6 }, () => input(showHex)) };
}
