/** A call as the list of what is printed of it. */
import type { Decoding } from "./context.ts";

/** Text of a value that is at hand. */
export type Show = (call: Decoding, value: bigint) => string;

export interface Piece {
  readonly show: Show;
  /** It is known once the call has returned; with it the pieces behind it are printed then. */
  readonly atExit: boolean;
  /** Whether it is printed at all; absent: always. */
  readonly shown?: (call: Decoding) => boolean;
  /** What is kept of the entry: `kept` of the register. */
  readonly keep?: Show;
  /** `late`: its comma comes with it, not where the entry ends. `none`: it continues the text before it. */
  readonly separator?: "late" | "none";
  /** Where its value is; absent: in the register of its own position. */
  readonly register?: number;
}

/** Of a call whose later pieces depend on a command: which row it is. */
type ChooseRow = (call: Decoding) => CallPieces;

/** A call as it is printed. */
export interface CallPieces {
  readonly pieces: readonly Piece[];
  /** What the call returns; absent: a number. */
  readonly result?: Show;
  /** What stands in brackets behind what it returned; undefined: nothing. */
  readonly note?: (call: Decoding) => string | undefined;
  readonly choose?: ChooseRow;
}

/** What the row of a call says: all its pieces, or those that differ from what its prototype says, by parameter. */
export interface DecodingRow extends Omit<CallPieces, "pieces"> {
  readonly pieces?: readonly Piece[];
  readonly by?: Readonly<Record<string, Piece>>;
  /** In place of all of these, by what is in the call. */
  readonly choose?: ChooseRow;
}

/** Rows by name of the call; `NAME/i386` is that of i386 alone. */
export type DecodingFamily = Readonly<Record<string, DecodingRow>>;

export function input(show: Show): Piece {
  return { show, atExit: false };
}

/** What the call gives. */
export function output(show: Show): Piece {
  return { show, atExit: true };
}
