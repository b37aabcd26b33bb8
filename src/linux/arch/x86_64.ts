/** 64-bit calls of x86-64. */
import { x86_64 as table } from "../table/x86_64.generated.ts";
import type { Arch } from "./arch.ts";

export const x86_64: Arch = {
  abi: "x86_64",
  table,
  symbolPrefix: "__x64_",
  wordSize: 8,
  argumentRegisters: ["di", "si", "dx", "r10", "r8", "r9"],
  auditArch: 0xc000003e,
  mapCall: "mmap",
};
