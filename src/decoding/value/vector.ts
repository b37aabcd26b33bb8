/** Vectors of buffers: struct iovec. */
import { type MemoryForm, readNumber } from "./form.ts";
import { formatPointer } from "./number.ts";
import { formatBuffer } from "./text.ts";

/** `{iov_base=…, iov_len=…}`; of the bytes that were transferred, `left` are those behind the elements before. */
export function vectorForm(left?: { bytes: bigint }): MemoryForm {
  return {
    size: (call) => 2 * call.word,
    format(call, bytes) {
      const base = readNumber(bytes, 0, call.word);
      const length = readNumber(bytes, call.word, call.word);
      const shown = left === undefined || left.bytes > length ? length : left.bytes;
      if (left !== undefined) left.bytes -= shown;
      return `{iov_base=${formatBuffer(call, base, shown)}, iov_len=${length}}`;
    },
  };
}

/** Addresses and lengths alone: what is behind them is not of the caller, or not there yet. */
export const bareVectorForm: MemoryForm = {
  size: (call) => 2 * call.word,
  format(call, bytes) {
    const base = formatPointer(readNumber(bytes, 0, call.word));
    return `{iov_base=${base}, iov_len=${readNumber(bytes, call.word, call.word)}}`;
  },
};
