/** Sending signals, and what a process does with them. */
import { i386, undecided, via } from "./notation.ts";
import type { CallFamily } from "./row.ts";

/** Of old_sigset_t. */
const OLD_SET_SIZE = 4n;

export const signalsCalls: CallFamily = {
  kill: {
    classes: ["@process", "@signal"],
    variants: [
      via("tkill", ["pid", "sig"]),
      via("tgkill", ["tgid", "sig"]),
      via("rt_sigqueueinfo", ["pid", "sig"]),
      via("rt_tgsigqueueinfo", ["tgid", "sig"]),
      via("pidfd_send_signal", [{ process: "pidfd" }, "sig"]),
    ],
    hooks: ["task_kill"],
  },
  tkill: { variants: [via("tgkill", ["pid", "sig"])], hooks: ["task_kill"] },
  tgkill: { hooks: ["task_kill"] },
  rt_sigqueueinfo: { hooks: ["task_kill"] },
  rt_tgsigqueueinfo: { hooks: ["task_kill"] },
  pidfd_send_signal: { means: { flags: "pidfd_signal_flags" }, hooks: ["task_kill"] },
  rt_sigaction: {
    classes: ["@signal"],
    twins: [
      i386("sigaction", ["sig", "act", "oact", OLD_SET_SIZE]),
      // the second one is the handler itself
      i386("signal", ["sig", undecided("the handler itself, no struct"), 0n, OLD_SET_SIZE]),
    ],
  },
  sigaction: { aliasOf: "rt_sigaction" },
  rt_sigprocmask: {
    classes: ["@signal"],
    twins: [i386("sigprocmask", ["how", "nset", "oset", OLD_SET_SIZE])],
    means: { how: "sigprocmask_how" },
  },
  sigprocmask: { aliasOf: "rt_sigprocmask", means: { how: "sigprocmask_how" } },
  rt_sigpending: { classes: ["@signal"], twins: [i386("sigpending", ["uset", OLD_SET_SIZE])] },
  sigpending: { aliasOf: "rt_sigpending" },
  rt_sigsuspend: {
    classes: ["@signal"],
    twins: [i386("sigsuspend", [undecided("the set itself, no pointer"), OLD_SET_SIZE])],
  },
  sigsuspend: { means: { mask: "hex" } },
  rt_sigtimedwait: {
    classes: ["@signal"],
    twins: [i386("rt_sigtimedwait_time64", ["uthese", "uinfo", "uts", "sigsetsize"])],
  },
  rt_sigtimedwait_time64: { aliasOf: "rt_sigtimedwait" },
  rt_sigreturn: { classes: ["@signal"], twins: [i386("sigreturn", [])] },
  sigreturn: { aliasOf: "rt_sigreturn" },
  sigaltstack: { classes: ["@signal"] },
  pause: { classes: ["@signal"] },
  ssetmask: { means: { newmask: "hex" } },
  signalfd: {
    classes: ["@signal"],
    variants: [via("signalfd4", ["ufd", "user_mask", "sizemask"])],
    hooks: ["file_alloc_security"],
  },
  signalfd4: { means: { flags: "signalfd_flags" }, hooks: ["file_alloc_security"] },
};
