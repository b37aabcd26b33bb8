/** A call's registers and memory, in the words of strace. */
export type { CallMemory, DecodeContext, DecodeOptions } from "./context.ts";
export {
  type DecodedEntry,
  type DecodeState,
  decodeEntry,
  decodeExit,
  decodeResult,
} from "./decode.ts";

export { decodeSiginfo } from "./signal-line.ts";
export { formatIPv4, formatIPv6 } from "./value/address.ts";
export { quote } from "./value/text.ts";
