/** The names that events are printed with, from the tables of src/linux and this machine's users. */
import type { EventNames, TextBuffer } from "../../events/index.ts";
import type { Abi } from "../../language/index.ts";
import { dependenceOf, formatSymbol, vocabulary, wordSize } from "../../linux/index.ts";
import { readUserNames } from "./user-names.ts";

const REGISTERS = 6;

export function eventNames(): EventNames {
  const users = readUserNames();
  return {
    errnoName: (errno) => vocabulary.errnoName(errno),
    userName: (uid) => users.get(uid),
    registers,
    writeSymbolic,
    dependence: dependenceOf,
  };
}

function registers(call: string, abi: Abi): readonly ("word" | "int")[] {
  const real = vocabulary.presentations(call, "exact")?.find((one) => one.abi === abi);
  if (real === undefined) return new Array(REGISTERS).fill("word");
  return real.params.map(({ type }) =>
    wordSize(abi) === 8 && type.kind === "int" && type.size === 4 && type.signed ? "int" : "word",
  );
}

const encoder = new TextEncoder();
/** Names of a number by meaning and number; programs use few of them over and over. */
const known = new Map<string, Map<number, Uint8Array | undefined>>();
/** A hostile program could make each call with another number. */
const MAX_KNOWN = 4096;

function writeSymbolic(
  out: TextBuffer,
  semantic: string,
  low: number,
  high: number,
  isSigned: boolean,
): boolean {
  const top = isSigned ? high | 0 : high >>> 0;
  const key = top * 2 ** 32 + (low >>> 0);
  let names = known.get(semantic);
  if (names === undefined || names.size > MAX_KNOWN) {
    names = new Map();
    known.set(semantic, names);
  }
  let text = names.get(key);
  if (text === undefined && !names.has(key)) {
    const symbol = formatSymbol(semantic, (BigInt(top) << 32n) | BigInt(low >>> 0));
    text = symbol === undefined ? undefined : encoder.encode(symbol);
    // a key beyond 2^53 stands for several numbers
    if (Number.isSafeInteger(key)) names.set(key, text);
  }
  if (text === undefined) return false;
  out.append(text);
  return true;
}
