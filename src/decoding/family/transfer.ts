/** Reading and writing: buffers, vectors, positions, directories. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Piece } from "../piece.ts";
import { formatArray } from "../value/array.ts";
import { filled } from "../value/buffer.ts";
import { showFd } from "../value/descriptor.ts";
import { addressOf, fetchBytes, numberForm, pointerToNumber, readNumber } from "../value/form.ts";
import { formatPointer, showLong, showS64, showUint, showUlong } from "../value/number.ts";
import { showSymbols } from "../value/symbol.ts";
import { formatBuffer, quoteField } from "../value/text.ts";
import { bareVectorForm, vectorForm } from "../value/vector.ts";

const written: Piece = input((call, value) =>
  formatArray(call, value, call.argument(2), vectorForm()),
);
const read: Piece = output((call, value) =>
  call.hasFailed
    ? formatFailedVector(call, value, call.argument(2))
    : formatArray(call, value, call.argument(2), vectorForm({ bytes: call.ret })),
);

function formatFailedVector(call: Decoding, value: bigint, count: bigint): string {
  call.hasFailed = false;
  const text = formatArray(call, value, count, bareVectorForm);
  call.hasFailed = true;
  return text;
}

const fd = input(showFd);
/** The low and high word of a position: on x86_64 the low one has it all. */
const position: Piece = input((call, value) =>
  call.word === 8
    ? showS64(call, value)
    : showS64(call, (call.argument(4) << 32n) | call.argument(3)),
);
const count = input(showUlong);
const flags = input(showSymbols("rwf_flags", "RWF_???"));
const at5 = (piece: Piece): Piece => ({ ...piece, register: 5 });

/** i386 gives positions in two registers. */
const splitPosition = (low: number): Piece => ({
  ...input((call) => showS64(call, (call.argument(low + 1) << 32n) | call.argument(low))),
  register: low,
});

const offset = input(pointerToNumber(numberForm(8, showS64)));

/** The position, and where it is once something was sent: `[0] => [10]`. */
function sendRow(size: 8 | "word"): DecodingFamily[string] {
  const show = pointerToNumber(numberForm(size, size === 8 ? showS64 : showLong));
  const moved: Piece = {
    show: (call, value) => (call.hasFailed || call.ret === 0n ? "" : ` => ${show(call, value)}`),
    atExit: true,
    separator: "none",
    shown: (call) => show(call, call.argument(2)).startsWith("["),
    register: 2,
  };
  return { pieces: [fd, fd, input(show), moved, { ...count, register: 3 }] };
}

const MOST_ENTRIES = 1 << 20;

/** How many entries there are; with -v what they are. */
function directory(is64: boolean): Piece {
  return output((call, value) => {
    const address = addressOf(call, value);
    if (call.hasFailed || address === 0n) return formatPointer(address);
    const length = Number(call.ret > BigInt(MOST_ENTRIES) ? MOST_ENTRIES : call.ret);
    const bytes = length === 0 ? new Uint8Array() : fetchBytes(call, address, length);
    if (bytes === undefined) return formatPointer(address);
    const entries = readEntries(call, bytes, is64);
    if (!call.options.abbreviate) return `[${entries.join(", ")}]`;
    return `${formatPointer(address)} /* ${entries.length} entries */`;
  });
}

function readEntries(call: Decoding, bytes: Uint8Array, is64: boolean): readonly string[] {
  const entries: string[] = [];
  const word = is64 ? 8 : call.word;
  for (let at = 0; at + 2 * word + 2 <= bytes.length; ) {
    const length = Number(readNumber(bytes, at + 2 * word, 2));
    if (length < 2 * word + 3 || at + length > bytes.length) break;
    entries.push(formatEntry(call, bytes.subarray(at, at + length), word, is64));
    at += length;
  }
  return entries;
}

const ENTRY_KINDS: ReadonlyMap<number, string> = new Map([
  [0, "DT_UNKNOWN"],
  [1, "DT_FIFO"],
  [2, "DT_CHR"],
  [4, "DT_DIR"],
  [6, "DT_BLK"],
  [8, "DT_REG"],
  [10, "DT_LNK"],
  [12, "DT_SOCK"],
  [14, "DT_WHT"],
]);

function formatEntry(call: Decoding, entry: Uint8Array, word: number, is64: boolean): string {
  const nameAt = 2 * word + (is64 ? 3 : 2);
  const kindAt = is64 ? 2 * word + 2 : entry.length - 1;
  const number = entry[kindAt] ?? 0;
  const kind = ENTRY_KINDS.get(number) ?? `0x${number.toString(16)} /* DT_??? */`;
  const name = quoteField(entry.subarray(nameAt), call.options);
  const head = `{d_ino=${readNumber(entry, 0, word)}, d_off=${readNumber(entry, word, word, is64)}, d_reclen=${entry.length}`;
  return is64
    ? `${head}, d_type=${kind}, d_name=${name}}`
    : `${head}, d_name=${name}, d_type=${kind}}`;
}

export const transferDecoding: DecodingFamily = {
  readv: { pieces: [fd, read, count] },
  writev: { pieces: [fd, written, count] },
  preadv: { pieces: [fd, read, count, position] },
  pwritev: { pieces: [fd, written, count, position] },
  preadv2: { pieces: [fd, read, count, position, at5(flags)] },
  pwritev2: { pieces: [fd, written, count, position, at5(flags)] },
  vmsplice: { by: { uiov: written } },
  "pread64/i386": { pieces: [fd, filled, count, splitPosition(3)] },
  "pwrite64/i386": {
    pieces: [
      fd,
      input((call, value) => formatBuffer(call, value, call.argument(2))),
      count,
      splitPosition(3),
    ],
  },
  getdents: { by: { dirent: directory(false) } },
  getdents64: { by: { dirent: directory(true) } },
  sendfile: sendRow("word"),
  sendfile64: sendRow(8),
  splice: { by: { off_in: offset, off_out: offset } },
  copy_file_range: { by: { off_in: offset, off_out: offset } },
  lseek: { by: { offset: input(showLong), whence: input(showSymbols("seek_whence", "SEEK_???")) } },
  getcwd: {
    by: {
      buf: output((call, value) =>
        call.hasFailed ? formatPointer(addressOf(call, value)) : formatReturnedPath(call, value),
      ),
    },
  },
  readlink: { by: { buf: filled, bufsiz: input(showUint) } },
  readlinkat: { by: { buf: filled, bufsiz: input(showUint) } },
  _llseek: {
    pieces: [
      fd,
      {
        ...input((call) => showS64(call, (call.argument(1) << 32n) | call.argument(2))),
        register: 1,
      },
      { ...output(pointerToNumber(numberForm(8, showS64))), register: 3 },
      { ...input(showSymbols("seek_whence", "SEEK_???")), register: 4 },
    ],
  },
  process_vm_readv: {
    by: {
      lvec: output((call, value) =>
        formatArray(call, value, call.argument(2), vectorForm({ bytes: call.ret })),
      ),
      rvec: input((call, value) => formatArray(call, value, call.argument(4), bareVectorForm)),
    },
  },
  process_vm_writev: {
    by: {
      lvec: input((call, value) => formatArray(call, value, call.argument(2), vectorForm())),
      rvec: input((call, value) => formatArray(call, value, call.argument(4), bareVectorForm)),
    },
  },
  read: { by: { buf: filled } },
};

/** The kernel counts the NUL. */
function formatReturnedPath(call: Decoding, value: bigint): string {
  const address = addressOf(call, value);
  const bytes = fetchBytes(call, address, Number(call.ret));
  return bytes === undefined ? formatPointer(address) : quoteField(bytes, call.options);
}
