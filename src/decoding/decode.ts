/** A call in the words of strace: what is known when it begins, the rest when it has returned, and its result. */
import { type DecodeContext, Decoding } from "./context.ts";
import { decoderOf } from "./decoder.ts";
import type { CallPieces, Piece } from "./piece.ts";
import { formatCount, formatError, LARGEST_ERROR } from "./value/result.ts";

/** What the exit of a call needs of its entry. */
export interface DecodeState {
  readonly name: string;
  readonly row: CallPieces;
  readonly call: Decoding;
}

export interface DecodedEntry {
  /** `openat(AT_FDCWD, "/etc/passwd", O_RDONLY`, `read(3, `. */
  readonly text: string;
  readonly state: DecodeState;
}

export function decodeEntry(context: DecodeContext): DecodedEntry {
  const decoder = decoderOf(context.abi, context.nr);
  const call = new Decoding(context);
  const row = decoder.choose?.(call) ?? decoder;
  const text = `${decoder.name}(${printPieces(row.pieces, call)}`;
  return { text, state: { name: decoder.name, row, call } };
}

/** The parameters that the entry could not print; empty where it had all. */
export function decodeExit(
  context: DecodeContext,
  { row, call }: DecodeState,
  ret: bigint,
): string {
  call.memory = context.memory;
  call.context = context;
  setResult(call, ret);
  return printPieces(row.pieces, call);
}

/** `3`, `-1 ENOENT (No such file or directory)`, `0x1 (flags FD_CLOEXEC)`; after decodeExit(). */
export function decodeResult(_: DecodeContext, { row, call }: DecodeState, ret: bigint): string {
  setResult(call, ret);
  const note = row.note?.(call);
  const text = call.hasFailed
    ? formatError(Number(-call.ret))
    : (row.result ?? formatCount)(call, call.ret);
  return note === undefined ? text : `${text} (${note})`;
}

function setResult(call: Decoding, ret: bigint): void {
  const value = BigInt.asIntN(8 * call.word, ret);
  call.ret = value;
  call.hasReturned = true;
  call.hasFailed = value < 0n && value >= -LARGEST_ERROR;
}

/** From `next` on: at entry, up to the first that only the exit knows. */
function printPieces(pieces: readonly Piece[], call: Decoding): string {
  let text = "";
  for (; call.next < pieces.length; call.next += 1) {
    const piece = pieces[call.next];
    if (piece === undefined) break;
    const isWaiting = piece.atExit && !call.hasReturned;
    if (piece.shown !== undefined && !piece.shown(call)) continue;
    if (isWaiting) break;
    const separator = call.isFirst || piece.separator === "none" ? "" : ", ";
    call.isFirst = false;
    text += separator + piece.show(call, call.argument(piece.register ?? call.next));
  }
  if (call.hasReturned) return text;
  if (call.next < pieces.length) keepEntry(pieces, call);
  if (call.isFirst || pieces[call.next]?.separator !== undefined) return text;
  if (call.next === pieces.length) return text;
  call.isFirst = true;
  return `${text}, `;
}

function keepEntry(pieces: readonly Piece[], call: Decoding): void {
  for (let i = call.next; i < pieces.length; i += 1) {
    const piece = pieces[i];
    if (piece?.keep === undefined) continue;
    const register = piece.register ?? i;
    call.kept ??= [];
    call.kept[register] = piece.keep(call, call.argument(register));
  }
}
