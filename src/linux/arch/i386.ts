/** 32-bit calls of x86: those of 32-bit programs, and `int 0x80` of any. */
import { i386 as table } from "../table/i386.generated.ts";
import type { Arch } from "./arch.ts";

export const i386: Arch = {
  abi: "i386",
  table,
  symbolPrefix: "__ia32_",
  wordSize: 4,
  argumentRegisters: ["bx", "cx", "dx", "si", "di", "bp"],
  auditArch: 0x40000003,
  mapCall: "mmap2",
};
