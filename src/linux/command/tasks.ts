/** Calls about processes and threads whose parameters depend on a command. */
import type { TypesBy } from "../call/row.ts";

export const prctlTypes: TypesBy = {
  by: ["option"],
  cases: {
    PR_SET_NAME: { arg2: "string" },
    PR_SET_VMA: { arg5: "string" },
    "PR_GET_PDEATHSIG|PR_GET_CHILD_SUBREAPER|PR_GET_TSC|PR_GET_UNALIGN": { arg2: "struct:s32" },
    PR_SET_SECCOMP: { arg3: "struct:sock_fprog" },
  },
};

export const ptraceTypes: TypesBy = {
  by: ["request"],
  cases: {
    "PTRACE_GETREGSET|PTRACE_SETREGSET": { data: "struct:iovec" },
    "PTRACE_GETSIGINFO|PTRACE_SETSIGINFO": { data: "struct:siginfo" },
    PTRACE_GETEVENTMSG: { data: "struct:ulong" },
  },
};

export const seccompTypes: TypesBy = {
  by: ["op"],
  cases: {
    SECCOMP_SET_MODE_FILTER: { uargs: "struct:sock_fprog" },
    SECCOMP_GET_ACTION_AVAIL: { uargs: "struct:u32" },
    SECCOMP_GET_NOTIF_SIZES: { uargs: "struct:seccomp_notif_sizes" },
  },
};

/** Others take a number there. Flags stand beside the command. */
export const futexTypes: TypesBy = {
  by: ["op"],
  mask: 0x7fn,
  cases: {
    "FUTEX_WAIT|FUTEX_LOCK_PI|FUTEX_WAIT_BITSET|FUTEX_WAIT_REQUEUE_PI|FUTEX_LOCK_PI2": {
      utime: "struct",
    },
  },
};
