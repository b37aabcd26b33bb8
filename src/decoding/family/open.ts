/** Calls that open files. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, type Piece } from "../piece.ts";
import { showFd } from "../value/descriptor.ts";
import { showMode } from "../value/number.ts";

/** O_CREAT, and what O_TMPFILE is without O_DIRECTORY. */
const CREATES = 0o100n | 0o20000000n;

/** The mode counts only where a file is made. */
function modeOf(flags: number): Piece {
  return {
    ...input(showMode),
    shown: (call: Decoding) => (call.argument(flags) & CREATES) !== 0n,
  };
}

export const openDecoding: DecodingFamily = {
  open: { by: { mode: modeOf(1) }, result: showFd },
  openat: { by: { mode: modeOf(2) }, result: showFd },
  creat: { result: showFd },
};
