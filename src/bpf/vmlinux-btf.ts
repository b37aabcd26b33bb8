/** Type information of the running kernel. Since Linux 5.4, with CONFIG_DEBUG_INFO_BTF. */
import { existsSync } from "node:fs";
import { UnsupportedError } from "../sys/index.ts";
import { Btf } from "./btf/index.ts";
import { readIfThere } from "./read-if-there.ts";

export const VMLINUX_BTF = "/sys/kernel/btf/vmlinux";
const FEATURE = `kernel type information (${VMLINUX_BTF})`;
const SINCE = "5.4";

/** What was read last, as long as somebody has it: it is ten megabytes, which a service need not keep for years. */
let lastRead: WeakRef<Btf> | undefined;

/** Reads and indexes it, about 30 ms, unless somebody has it still. Throws UnsupportedError when the kernel has none, SyscallError when it cannot be read now. */
export function readVmlinuxBtf(): Btf {
  const known = lastRead?.deref();
  if (known !== undefined) return known;
  const btf = read(VMLINUX_BTF);
  lastRead = new WeakRef(btf);
  return btf;
}

/** For a thread in which nobody has it any more, and nobody is likely to ask again: who does so all the same reads it again. */
export function releaseVmlinuxBtf(): void {
  lastRead?.deref()?.release();
  lastRead = undefined;
}

/** Throws UnsupportedError when the kernel has none. */
export function requireVmlinuxBtf(): void {
  if (!existsSync(VMLINUX_BTF)) throw new UnsupportedError(FEATURE, SINCE);
}

function read(path: string): Btf {
  const bytes = readIfThere(path);
  if (bytes === undefined) throw new UnsupportedError(FEATURE, SINCE);
  return new Btf(bytes);
}
