/** Calls about memory. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output } from "../piece.ts";
import { formatArray } from "../value/array.ts";
import { showFd } from "../value/descriptor.ts";
import { numberForm } from "../value/form.ts";
import { showAddress, showHex, showInt, showUint, showUlong } from "../value/number.ts";
import { showFlags, showSymbols } from "../value/symbol.ts";
import { forceHex } from "../value/text.ts";

const PAGE = 4096n;
const showProtection = showSymbols("mmap_prot", "PROT_???", { bits: 64 });
const address = input(showAddress);
const length = input(showUlong);
const protection = input(showProtection);
const mapHead = [
  address,
  length,
  protection,
  input(showSymbols("mmap_flags", "MAP_???", { bits: 64 })),
  input(showFd),
];
const advice = input(showSymbols("madvise", "MADV_???"));
const MAYMOVE_TARGET = 2n | 4n;
const hasTarget = (call: Decoding): boolean => (call.argument(3) & MAYMOVE_TARGET) !== 0n;
const resident = numberForm(1, (_, value) => String(value & 1n));

export const memoryDecoding: DecodingFamily = {
  mmap: { pieces: [...mapHead, input(showHex)], result: showHex },
  // in pages there
  mmap2: {
    pieces: [
      ...mapHead,
      input((_, value) => (value === 0n ? "0" : `0x${(value * PAGE).toString(16)}`)),
    ],
    result: showHex,
  },
  munmap: { pieces: [address, length] },
  mprotect: { pieces: [address, length, protection] },
  pkey_mprotect: { pieces: [address, length, protection, input(showInt)] },
  mremap: {
    pieces: [
      address,
      length,
      length,
      input(showSymbols("mremap_flags", "MREMAP_???", { bits: 64 })),
      { ...address, shown: hasTarget },
    ],
    result: showHex,
  },
  brk: { pieces: [address], result: showHex },
  mincore: {
    pieces: [
      address,
      length,
      output((call, value) =>
        formatArray(call, value, (call.argument(1) + PAGE - 1n) / PAGE, resident),
      ),
    ],
  },
  madvise: { pieces: [address, length, advice] },
  process_madvise: { by: { behavior: advice, flags: input(showHex) } },
  msync: {
    pieces: [address, length, input(showFlags("MS_ASYNC MS_INVALIDATE MS_SYNC", "MS_???"))],
  },
  mlock: { pieces: [address, length] },
  munlock: { pieces: [address, length] },
  mlock2: { pieces: [address, length, input(showSymbols("mlock_flags", "MLOCK_???"))] },
  shmat: { result: showHex },
  getrandom: {
    pieces: [
      output((call, value) => forceHex(call, value, call.ret)),
      length,
      input(showSymbols("getrandom_flags", "GRND_???")),
    ],
  },
  membarrier: {
    by: { cmd: input(showSymbols("membarrier_cmd", "MEMBARRIER_CMD_???")), flags: input(showUint) },
  },
};
