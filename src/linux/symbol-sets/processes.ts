/** Names of the values that calls about processes, signals and keys take. */
import { choice, choiceOf, flags, flagsOf, named, type SymbolSets, words } from "./notation.ts";

export const processSets: SymbolSets = {
  signal: () => ({
    choices: named("asm/signal.h", /^SIG(?!RT|IOT|POLL|UNUSED|STKSZ)/),
    isNumber: true,
  }),
  sigprocmask_how: () => choice("SIG_BLOCK SIG_UNBLOCK SIG_SETMASK"),
  clone_flags: () => ({
    choices: named("asm/signal.h", /^SIG(?!RT|IOT|POLL|UNUSED|STKSZ)/),
    mask: 0xffn,
    flags: named("linux/sched.h", /^CLONE_(?!ARGS|NEWTIME)/),
    choiceLast: true,
  }),
  namespace_flags: () => flagsOf("linux/sched.h", /^CLONE_(?!ARGS)/),
  wait_options: () =>
    flags("WNOHANG WSTOPPED WEXITED WCONTINUED WNOWAIT __WNOTHREAD __WALL __WCLONE"),
  waitid_type: () => choice("P_ALL P_PID P_PGID P_PIDFD"),
  rusage_who: () => choiceOf("linux/resource.h", /^RUSAGE_/),
  resource: () => ({
    choices: [...named("asm/resource.h", /^RLIMIT_/), ...named("linux/resource.h", /^RLIMIT_/)],
  }),
  priority_which: () => choice("PRIO_PROCESS PRIO_PGRP PRIO_USER"),
  ptrace_request: () => ({
    choices: [
      ...named("linux/ptrace.h", /^PTRACE_(?!O_|EVENT|SYSCALL_INFO|PEEKSIGINFO_|EVENTMSG)/),
      ...named("sys/ptrace.h", /^PTRACE_[GS]ET|^PTRACE_(ARCH|SYSEMU|SINGLEBLOCK)/),
    ],
  }),
  prctl_option: () =>
    choiceOf(
      "linux/prctl.h",
      /^PR_((SET|GET)_(?!MM_|PTRACER_ANY|UNALIGN)|(SET|GET)_UNALIGN$|CAPBSET|MCE_KILL$|MCE_KILL_GET|TASK_PERF|CAP_AMBIENT$|SCHED_CORE$)/,
    ),
  arch_prctl_option: () => choiceOf("asm/prctl.h", /^ARCH_/),
  seccomp_op: () => choiceOf("linux/seccomp.h", /^SECCOMP_(SET_MODE|GET)_/),
  seccomp_flags: () => flagsOf("linux/seccomp.h", /^SECCOMP_FILTER_FLAG_/),
  sched_policy: () => ({
    choices: words(
      "SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_ISO SCHED_IDLE SCHED_DEADLINE",
    ),
    mask: 0xffn,
    flags: ["SCHED_RESET_ON_FORK"],
  }),
  futex_op: () => ({
    choices: named("linux/futex.h", /^FUTEX_(?!PRIVATE|CLOCK|CMD|WAITERS|OWNER|TID|32|OP_|BITSET)/),
    mask: 0xffn,
    flags: ["FUTEX_CLOCK_REALTIME"],
  }),
  futex2_flags: () => ({
    choices: words("FUTEX2_SIZE_U8 FUTEX2_SIZE_U16 FUTEX2_SIZE_U32 FUTEX2_SIZE_U64"),
    mask: 3n,
    flags: words("FUTEX2_NUMA FUTEX2_MPOL FUTEX2_PRIVATE"),
  }),
  key_serial: () => ({ choices: named("linux/keyctl.h", /^KEY_SPEC_/), isNumber: true }),
  keyctl_option: () => choiceOf("linux/keyctl.h", /^KEYCTL_(?!CAPS|SUPPORTS|MOVE_EXCL)/),
  pidfd_flags: () => flags("PIDFD_NONBLOCK PIDFD_THREAD"),
  pidfd_signal_flags: () => flagsOf("linux/pidfd.h", /^PIDFD_SIGNAL_/),
  ioprio_which: () => choiceOf("linux/ioprio.h", /^IOPRIO_WHO_/),
  ioprio_class: () => choiceOf("linux/ioprio.h", /^IOPRIO_CLASS_/),
  kcmp_type: () => choiceOf("linux/kcmp.h", /^KCMP_/),
  membarrier_cmd: () => choiceOf("linux/membarrier.h", /^MEMBARRIER_CMD_(?!FLAG_|SHARED)/),
  membarrier_flags: () => flags("MEMBARRIER_CMD_FLAG_CPU"),
  rseq_flags: () => flags("RSEQ_FLAG_UNREGISTER"),
  landlock_flags: () => flagsOf("linux/landlock.h", /^LANDLOCK_CREATE_RULESET_/),
  landlock_rule: () => choiceOf("linux/landlock.h", /^LANDLOCK_RULE_/),
  lsm_attr: () => choiceOf("linux/lsm.h", /^LSM_ATTR_/),
  lsm_flags: () => flags("LSM_FLAG_SINGLE"),
  personality: () => ({
    choices: named("linux/personality.h", /^PER_(?!MASK)/),
    mask: 0xffn,
    flags: named("linux/personality.h", /^(?!PER_)/),
  }),
  getrandom_flags: () => flagsOf("linux/random.h", /^GRND_/),
};
