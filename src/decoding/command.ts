/** Calls whose parameters depend on a command: rows by the names of commands. */
import { findPrintedConstant } from "../linux/index.ts";
import type { Decoding } from "./context.ts";
import type { CallPieces, DecodingRow, Piece } from "./piece.ts";

interface CommandRow extends Omit<CallPieces, "choose" | "pieces"> {
  /** Behind the head. */
  readonly pieces: readonly Piece[];
}

/** Names of commands (`F_SETLK F_SETLKW`) to what is printed with them. */
export type CommandRows = Readonly<Record<string, CommandRow>>;

/** The row of a call with a command in register `by`; bits of `mask` count, all 32 where it is absent. */
export function byCommand(
  by: number,
  head: readonly Piece[],
  rows: CommandRows,
  otherwise: CommandRow,
  mask = 0xffff_ffffn,
): DecodingRow {
  let made: ReadonlyMap<bigint, CallPieces> | undefined;
  const rest = withHead(head, otherwise);
  return {
    choose(call: Decoding) {
      made ??= makeRows(head, rows);
      return made.get(call.argument(by) & mask) ?? rest;
    },
  };
}

const withHead = (head: readonly Piece[], row: CommandRow): CallPieces => ({
  ...row,
  pieces: [...head, ...row.pieces],
});

/** Names that the headers of this machine lack have no row. */
function makeRows(head: readonly Piece[], rows: CommandRows): ReadonlyMap<bigint, CallPieces> {
  const made = new Map<bigint, CallPieces>();
  for (const [names, row] of Object.entries(rows)) {
    const whole = withHead(head, row);
    for (const name of names.split(/\s+/)) {
      const value = findPrintedConstant(name);
      if (value !== undefined) made.set(BigInt.asUintN(32, value), whole);
    }
  }
  return made;
}
