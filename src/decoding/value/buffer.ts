/** Buffers of bytes, as long as another parameter or the result says. */
import { input, output, type Piece } from "../piece.ts";
import { showAddress } from "./number.ts";
import { formatBuffer } from "./text.ts";

/** What the call is given; register `length` has its bytes. */
export function sized(length: number): Piece {
  return input((call, address) => formatBuffer(call, address, call.argument(length)));
}

/** What the call puts there: as many bytes as it returns. */
export const filled: Piece = output((call, address) =>
  call.hasFailed ? showAddress(call, address) : formatBuffer(call, address, call.ret),
);
