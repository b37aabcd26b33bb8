/** What an errno of bpf(2) usually means for each command, and what helps. The only place for such texts. */
import * as errno from "../../sys/index.ts";
import type { BpfCommand } from "../constants.ts";

type Advice = Readonly<Partial<Record<number, string>>>;

const COMMON: Advice = {
  [errno.ENOSYS]: "This kernel has no bpf(2), or a seccomp filter hides it",
  [errno.ENOMEM]: "The kernel is out of memory, or RLIMIT_MEMLOCK is too low (before Linux 5.11)",
  [errno.EBADF]: "The object was closed before it was used",
};

const BY_COMMAND: Readonly<Partial<Record<BpfCommand, Advice>>> = {
  BPF_MAP_CREATE: {
    [errno.EPERM]:
      "Needs CAP_BPF (before Linux 5.8 CAP_SYS_ADMIN), or RLIMIT_MEMLOCK is too low (before 5.11)",
    [errno.EINVAL]:
      "This kernel does not know the map type or a flag, a size is not allowed (ring buffers: a power of two of whole pages), or the BTF of a storage map is missing",
    [errno.E2BIG]:
      "The map is larger than the kernel allows; lower the number or size of its entries",
    [errno.EOPNOTSUPP]: "The kernel does not support this combination of map type and BTF",
  },
  BPF_PROG_LOAD: {
    [errno.EPERM]:
      "Needs CAP_BPF and CAP_PERFMON (before Linux 5.8 CAP_SYS_ADMIN); a container, a security module or a policy of this machine may also refuse the program type",
    [errno.EACCES]: "The verifier refused a memory access or a helper",
    [errno.EINVAL]:
      "The verifier refused the program, or this kernel does not know its type, attach type or a flag",
    [errno.E2BIG]:
      "The program is too long or too complex for the verifier (1,000,000 instructions, 8192 pending branches)",
    [errno.EFAULT]: "The program has too many pending branches for the verifier (8192)",
    [errno.ENOSPC]: "The verifier log did not fit into its buffer",
    [errno.ENOENT]: "The kernel function to attach to does not exist",
    [errno.EOPNOTSUPP]: "This architecture or kernel cannot run this kind of program",
    [errno.ENOTSUPP]: "This architecture or kernel cannot run this kind of program",
    [errno.EAGAIN]: "The verifier was interrupted by signals again and again",
  },
  BPF_RAW_TRACEPOINT_OPEN: {
    [errno.EPERM]: "Needs CAP_BPF and CAP_PERFMON (before Linux 5.8 CAP_SYS_ADMIN)",
    [errno.ENOENT]: "This kernel has no tracepoint of that name",
    [errno.EINVAL]:
      "The program reads more arguments than the tracepoint has, or is of another type",
    [errno.EBUSY]: "The function cannot be traced: it is marked notrace or has another trampoline",
    [errno.ENOTSUPP]: "The function has more arguments than this kernel can trace",
  },
  BPF_LINK_CREATE: {
    [errno.EPERM]: "Needs CAP_BPF and CAP_PERFMON",
    [errno.EINVAL]: "This kernel has no links of this kind, or the program does not fit the target",
    [errno.EBUSY]: "The function cannot be traced: it is marked notrace or has another trampoline",
    [errno.EOPNOTSUPP]: "This kernel was built without what this kind of link needs",
    [errno.ENOTSUPP]: "The function has more arguments than this kernel can trace",
  },
  BPF_BTF_LOAD: {
    [errno.EPERM]: "Needs CAP_BPF (before Linux 5.8 CAP_SYS_ADMIN)",
    [errno.EINVAL]: "The kernel refused the type information",
  },
  BPF_PROG_TEST_RUN: {
    [errno.EPERM]: "Needs CAP_BPF, for raw tracepoints CAP_PERFMON too",
    [errno.ENOTSUPP]: "Programs of this type cannot be run for a test on this kernel",
    [errno.EINVAL]: "The context is shorter than what the program reads",
  },
  BPF_OBJ_PIN: {
    [errno.EPERM]: "Pins must lie in a bpffs: mount -t bpf bpf /sys/fs/bpf",
    [errno.EINVAL]: "Pins must lie in a bpffs: mount -t bpf bpf /sys/fs/bpf",
    [errno.EEXIST]: "Something is already pinned there",
    [errno.ENOENT]: "The directory does not exist",
  },
  BPF_OBJ_GET: {
    [errno.ENOENT]: "Nothing is pinned there",
    [errno.EPERM]: "Needs CAP_BPF and access to the pin",
    [errno.EACCES]: "Needs access to the pin",
  },
  BPF_MAP_UPDATE_ELEM: {
    [errno.E2BIG]: "The map is full, or the index is beyond its end",
    [errno.EPERM]: "The map is frozen or read only",
    [errno.EINVAL]: "The value does not fit the map: programs of a prog_array must have one type",
  },
  BPF_ENABLE_STATS: {
    [errno.EPERM]: "Needs CAP_SYS_ADMIN",
    [errno.EINVAL]: "Needs Linux 5.8",
  },
};

/** A sentence on what helps; `undefined` when nothing general can be said. */
export function adviceFor(command: BpfCommand, number: number): string | undefined {
  return BY_COMMAND[command]?.[number] ?? COMMON[number];
}
