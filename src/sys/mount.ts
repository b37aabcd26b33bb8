/** mount(2) of the kernel's own file systems: bpffs for pins, tracefs for tracepoint ids. Needs CAP_SYS_ADMIN. */
import { check, syscall } from "./kernel.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";

/** MS_NOSUID | MS_NODEV | MS_NOEXEC */
const SAFE_FLAGS = 2 | 4 | 8;

export type KernelFileSystem = "bpf" | "tracefs" | "securityfs" | "debugfs";

/** Mounts a new instance on an existing directory. Throws SyscallError: EPERM, ENOENT, EBUSY, ENODEV. */
export function mount(type: KernelFileSystem, directory: string): void {
  using name = Memory.fromText(type);
  using target = Memory.fromText(directory);
  const result = syscall(NR.mount, name.address, target.address, name.address, SAFE_FLAGS, 0);
  check(result, { call: "mount", what: `mount ${type} on ${directory}` });
}

/** Throws SyscallError: EPERM, EINVAL when nothing is mounted there, EBUSY. */
export function unmount(directory: string): void {
  using target = Memory.fromText(directory);
  check(syscall(NR.umount2, target.address, 0), { call: "umount2", what: `unmount ${directory}` });
}
