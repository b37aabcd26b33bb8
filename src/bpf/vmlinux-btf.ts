/** Type information of the running kernel. Since Linux 5.4, with CONFIG_DEBUG_INFO_BTF. */
import { UnsupportedError } from "../sys/index.ts";
import { Btf } from "./btf/index.ts";
import { readIfThere } from "./read-if-there.ts";

export const VMLINUX_BTF = "/sys/kernel/btf/vmlinux";

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

function read(path: string): Btf {
  const bytes = readIfThere(path);
  if (bytes === undefined) throw new UnsupportedError(`kernel type information (${path})`, "5.4");
  return new Btf(bytes);
}
