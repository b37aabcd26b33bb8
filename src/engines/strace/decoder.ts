/** What turns a call into text: the seam between the loop and the room that knows the calls. */
import { type DecodeContext, decodeEntry, decodeExit, decodeResult } from "../../decoding/index.ts";
import type { Abi } from "../../language/index.ts";
import { callName, errnoNameOf, errnoText, findCall, wordSize } from "../../linux/index.ts";

/** A call between its two stops. */
export interface OpenCall {
  /** What is known when the call is made, from its name on. */
  readonly name: string;
  readonly text: string;
  /** Something is printed that only the return knows. */
  readonly needsExit: boolean;
  /** The rest, without the parenthesis. */
  exit(ret: bigint): string;
  /** From `=` on. */
  result(ret: bigint): string;
}

export function openCall(context: DecodeContext): OpenCall {
  const { text, state } = decodeEntry(context);
  return {
    name: state.name,
    text,
    needsExit: state.call.next < state.row.pieces.length,
    exit: (ret) => decodeExit(context, state, ret),
    result: (ret) => `= ${decodeResult(context, state, ret)}`,
  };
}

/** Arguments as numbers, which is what `-e raw` asks for, and all that is known of an unknown call. */
export function openRawCall(context: DecodeContext): OpenCall {
  const { abi, nr, args } = context;
  const name = nameOfCall(nr, abi);
  const count = findCall(name, abi)?.params.length ?? 6;
  const mask = 8 * wordSize(abi);
  const values = args.slice(0, count).map((value) => hexOf(BigInt.asUintN(mask, value)));
  return {
    name,
    text: `${name}(${values.join(", ")}`,
    needsExit: false,
    exit: () => "",
    result: resultText,
  };
}

/** As strace names what has no name. */
export function nameOfCall(nr: number, abi: Abi): string {
  return callName(nr, abi) ?? `syscall_0x${(nr >>> 0).toString(16)}`;
}

function hexOf(value: bigint): string {
  return value === 0n ? "0" : `0x${value.toString(16)}`;
}

function resultText(ret: bigint): string {
  if (ret >= 0n || ret < -4095n) return `= ${hexOf(BigInt.asUintN(64, ret))}`;
  const errno = Number(-ret);
  return `= -1 ${errnoNameOf(errno) ?? `(errno ${errno})`} (${errnoText(errno) ?? ""})`;
}
