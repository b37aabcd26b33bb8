/** Calls about memory. */
import { type DecodingFamily, input } from "../piece.ts";
import { showFd } from "../value/descriptor.ts";
import { showAddress, showHex, showUlong } from "../value/number.ts";
import { showFlags, showSymbols } from "../value/symbol.ts";

export const memoryDecoding: DecodingFamily = {
  mmap: {
    pieces: [
      input(showAddress),
      input(showUlong),
      input(showSymbols("mmap_prot", "PROT_???")),
      input(showSymbols("mmap_flags", "MAP_???")),
      input(showFd),
      input(showHex),
    ],
    result: showHex,
  },
  munmap: { by: { addr: input(showAddress) } },
  mprotect: {
    by: { start: input(showAddress), prot: input(showSymbols("mmap_prot", "PROT_???")) },
  },
  brk: { pieces: [input(showAddress)], result: showHex },
  mincore: { by: { start: input(showAddress) } },
  madvise: {
    by: { start: input(showAddress), behavior: input(showSymbols("madvise", "MADV_???")) },
  },
  msync: {
    by: {
      start: input(showAddress),
      flags: input(showFlags("MS_ASYNC MS_INVALIDATE MS_SYNC", "MS_???")),
    },
  },
  shmat: { result: showHex },
};
