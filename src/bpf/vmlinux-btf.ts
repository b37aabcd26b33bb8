/** Type information of the running kernel. Since Linux 5.4, with CONFIG_DEBUG_INFO_BTF. */
import { readFileSync } from "node:fs";
import { UnsupportedError } from "../sys/index.ts";
import { Btf } from "./btf/index.ts";

export const VMLINUX_BTF = "/sys/kernel/btf/vmlinux";

/** Reads and indexes it, about 30 ms. Throws UnsupportedError when the kernel has none. */
export function readVmlinuxBtf(path: string = VMLINUX_BTF): Btf {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new UnsupportedError(`kernel type information (${path})`, "5.4", cause);
  }
  return new Btf(bytes);
}
