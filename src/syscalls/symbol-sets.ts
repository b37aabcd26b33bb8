/**
 * Names of the values that meanings of parameters can have (`semantic` of their types).
 *
 * A set is choices (one value of those under a mask) and flags (any bits); names come from headers. A flag
 * of several bits stands before the flags it is made of.
 */
import { table } from "../base/table.ts";
import { listConstantsOf } from "./constants.ts";

export interface SymbolSet {
  /** One of these is the value of the bits under `mask`; absent mask: of the whole number. */
  readonly choices?: readonly string[];
  readonly mask?: bigint;
  readonly flags?: readonly string[];
  /** Flags of the form `FLAG|SIGCHLD`: the choice stands last. */
  readonly choiceLast?: boolean;
}

const words = (text: string) => text.split(/\s+/);
const choice = (text: string): SymbolSet => ({ choices: words(text) });
const flags = (text: string): SymbolSet => ({ flags: words(text) });
const named = (header: string, pattern: RegExp) =>
  listConstantsOf(header).filter((name) => pattern.test(name));
const choiceOf = (header: string, pattern: RegExp): SymbolSet => ({
  choices: named(header, pattern),
});
const flagsOf = (header: string, pattern: RegExp): SymbolSet => ({ flags: named(header, pattern) });

/** Made when a value is printed for the first time. */
export const symbolSets = table<() => SymbolSet>({
  // files
  dirfd: () => choice("AT_FDCWD"),
  open_flags: () => ({
    choices: words("O_RDONLY O_WRONLY O_RDWR O_ACCMODE"),
    mask: 3n,
    flags: words(
      `O_CREAT O_EXCL O_NOCTTY O_TRUNC O_APPEND O_NONBLOCK O_SYNC O_DSYNC O_DIRECT O_LARGEFILE
      O_NOFOLLOW O_NOATIME O_CLOEXEC O_PATH O_TMPFILE O_DIRECTORY`,
    ),
  }),
  fd_flags: () => flags("O_NONBLOCK O_DIRECT O_CLOEXEC"),
  resolve_flags: () => flagsOf("linux/openat2.h", /^RESOLVE_/),
  access_mode: () => ({ choices: ["F_OK"], flags: words("R_OK W_OK X_OK") }),
  at_flags: () =>
    flags("AT_SYMLINK_NOFOLLOW AT_SYMLINK_FOLLOW AT_NO_AUTOMOUNT AT_EMPTY_PATH AT_RECURSIVE"),
  unlinkat_flags: () => flags("AT_REMOVEDIR"),
  faccessat_flags: () => flags("AT_SYMLINK_NOFOLLOW AT_EACCESS AT_EMPTY_PATH"),
  statx_flags: () => ({
    choices: words("AT_STATX_SYNC_AS_STAT AT_STATX_FORCE_SYNC AT_STATX_DONT_SYNC"),
    mask: 0x6000n,
    flags: words("AT_SYMLINK_NOFOLLOW AT_NO_AUTOMOUNT AT_EMPTY_PATH"),
  }),
  statx_mask: () => ({
    flags: [
      "STATX_ALL",
      "STATX_BASIC_STATS",
      ...named("linux/stat.h", /^STATX_(?!_|ATTR|ALL|BASIC)/),
    ],
  }),
  rename_flags: () => flagsOf("linux/fs.h", /^RENAME_/),
  xattr_flags: () => flagsOf("linux/xattr.h", /^XATTR_(CREATE|REPLACE)$/),
  seek_whence: () => choiceOf("linux/fs.h", /^SEEK_(?!MAX)/),
  fcntl_cmd: () => ({
    choices: [
      ...named("asm/fcntl.h", /^F_(DUPFD|[GS]ET|OFD)/),
      ...named("linux/fcntl.h", /^F_([GS]ET|CANCELLK|DUPFD|NOTIFY|ADD_SEALS|CREATED)/),
    ],
  }),
  flock_cmd: () => flags("LOCK_SH LOCK_EX LOCK_UN LOCK_NB"),
  fallocate_mode: () => flagsOf("linux/falloc.h", /./),
  fadvise: () => choiceOf("linux/fadvise.h", /./),
  splice_flags: () => flagsOf("fcntl.h", /^SPLICE_F_/),
  close_range_flags: () => flagsOf("linux/close_range.h", /./),
  mount_flags: () => flagsOf("linux/mount.h", /^MS_(?!RMT|MGC|VERBOSE)/),
  umount_flags: () => flagsOf("sys/mount.h", /./),
  move_mount_flags: () => flagsOf("linux/mount.h", /^MOVE_MOUNT_(?!_)/),
  open_tree_flags: () =>
    flags(
      "OPEN_TREE_CLONE O_CLOEXEC AT_EMPTY_PATH AT_NO_AUTOMOUNT AT_RECURSIVE AT_SYMLINK_NOFOLLOW",
    ),
  mount_attr: () => flagsOf("linux/mount.h", /^MOUNT_ATTR_(?!_|SIZE|RELATIME)/),
  ioctl_cmd: () => ({
    choices: [
      ...named("asm/ioctls.h", /^(TC|TIO(?!CPKT_|CSER_)|FIO)/),
      ...named("linux/sockios.h", /^SIOC(?!\w+_(OLD|NEW)$)/),
      ...named("linux/fs.h", /^(FS_IOC|BLK|FI)/),
      ...named("linux/loop.h", /^LOOP_(?!\w*FLAGS$)/),
      ...named("linux/if_tun.h", /^TUN[SGA]\w+$/),
    ],
  }),

  // memory
  mmap_prot: () => ({ choices: ["PROT_NONE"], flags: named("asm/mman.h", /^PROT_(?!NONE)/) }),
  mmap_flags: () => ({
    choices: words("MAP_SHARED MAP_PRIVATE MAP_SHARED_VALIDATE"),
    mask: 15n,
    flags: named("asm/mman.h", /^MAP_(?!TYPE|FILE|UNINITIALIZED)/),
  }),
  mremap_flags: () => flagsOf("linux/mman.h", /^MREMAP_/),
  msync_flags: () => flags("MS_ASYNC MS_INVALIDATE MS_SYNC"),
  mlockall_flags: () => flagsOf("asm/mman.h", /^MCL_/),
  mlock_flags: () => flags("MLOCK_ONFAULT"),
  madvise: () => choiceOf("asm/mman.h", /^MADV_/),
  memfd_flags: () => flagsOf("linux/memfd.h", /^MFD_(?!HUGE_)/),
  ipc_cmd: () =>
    choice("IPC_RMID IPC_SET IPC_STAT IPC_INFO GETPID GETVAL GETALL GETNCNT GETZCNT SETVAL SETALL"),

  // processes
  signal: () => choiceOf("asm/signal.h", /^SIG(?!RT|IOT|POLL|UNUSED|STKSZ)/),
  sigprocmask_how: () => choice("SIG_BLOCK SIG_UNBLOCK SIG_SETMASK"),
  clone_flags: () => ({
    choices: named("asm/signal.h", /^SIG(?!RT|IOT|POLL|UNUSED|STKSZ)/),
    mask: 0xffn,
    flags: named("linux/sched.h", /^CLONE_(?!ARGS|NEWTIME)/),
    choiceLast: true,
  }),
  namespace_flags: () => flagsOf("linux/sched.h", /^CLONE_(?!ARGS)/),
  wait_options: () =>
    flags("WNOHANG WUNTRACED WEXITED WCONTINUED WNOWAIT __WNOTHREAD __WALL __WCLONE"),
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
      /^PR_((SET|GET)_(?!MM_|UNALIGN)|(SET|GET)_UNALIGN$|CAPBSET|MCE_KILL$|MCE_KILL_GET|TASK_PERF|CAP_AMBIENT$|SCHED_CORE$)/,
    ),
  arch_prctl_option: () => choiceOf("asm/prctl.h", /^ARCH_/),
  seccomp_op: () => choiceOf("linux/seccomp.h", /^SECCOMP_(SET_MODE|GET)_/),
  seccomp_flags: () => flagsOf("linux/seccomp.h", /^SECCOMP_FILTER_FLAG_/),
  sched_policy: () => ({
    choices: words("SCHED_NORMAL SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_IDLE SCHED_DEADLINE"),
    mask: 0xffn,
    flags: ["SCHED_RESET_ON_FORK"],
  }),
  futex_op: () => ({
    choices: named(
      "linux/futex.h",
      /^FUTEX_(?!PRIVATE|CLOCK|CMD|WAITERS|OWNER|TID|32|\w+_PRIVATE$|OP_|BITSET)/,
    ),
    mask: 0x7fn,
    flags: words("FUTEX_PRIVATE_FLAG FUTEX_CLOCK_REALTIME"),
  }),
  keyctl_option: () => choiceOf("linux/keyctl.h", /^KEYCTL_(?!CAPS|SUPPORTS|MOVE_EXCL)/),
  getrandom_flags: () => flagsOf("linux/random.h", /^GRND_/),

  // sockets
  address_family: () => choiceOf("sys/socket.h", /^AF_(?!LOCAL|FILE|ROUTE|MAX)/),
  socket_type: () => ({
    choices: words("SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET SOCK_DCCP SOCK_PACKET"),
    mask: 15n,
    flags: words("SOCK_CLOEXEC SOCK_NONBLOCK"),
  }),
  socket_flags: () => flags("SOCK_CLOEXEC SOCK_NONBLOCK"),
  // 0 is the protocol of any family
  ip_protocol: () => choiceOf("linux/in.h", /^IPPROTO_(?!IP$|MAX)/),
  shutdown_how: () => choiceOf("sys/socket.h", /^SHUT_/),
  sockopt_level: () => choiceOf("sys/socket.h", /^SOL_/),
  msg_flags: () => flagsOf("sys/socket.h", /^MSG_(?!TRYHARD)/),
  socketcall: () => choiceOf("linux/net.h", /^SYS_/),
  ipccall: () => choiceOf("linux/ipc.h", /^(SEM|MSG|SHM)/),

  // waiting and time
  epoll_op: () => choiceOf("linux/eventpoll.h", /^EPOLL_CTL_/),
  epoll_flags: () => flags("EPOLL_CLOEXEC"),
  epoll_events: () => flagsOf("linux/eventpoll.h", /^EPOLL(?!_)/),
  poll_events: () => flagsOf("asm/poll.h", /^POLL(?!_)/),
  eventfd_flags: () => flagsOf("sys/eventfd.h", /^EFD_/),
  signalfd_flags: () => flagsOf("linux/signalfd.h", /^SFD_/),
  timerfd_flags: () => flags("TFD_CLOEXEC TFD_NONBLOCK"),
  inotify_flags: () => flags("IN_CLOEXEC IN_NONBLOCK"),
  inotify_mask: () =>
    flagsOf("linux/inotify.h", /^IN_(?!CLOEXEC|NONBLOCK|MOVE$|CLOSE$|ALL_EVENTS)/),
  clockid: () => choiceOf("linux/time.h", /^CLOCK_/),
  itimer: () => choiceOf("linux/time.h", /^ITIMER_/),

  // the system
  reboot_cmd: () => choiceOf("linux/reboot.h", /^LINUX_REBOOT_CMD_/),
  bpf_cmd: () =>
    choice(
      `BPF_MAP_CREATE BPF_MAP_LOOKUP_ELEM BPF_MAP_UPDATE_ELEM BPF_MAP_DELETE_ELEM BPF_MAP_GET_NEXT_KEY BPF_PROG_LOAD
      BPF_OBJ_PIN BPF_OBJ_GET BPF_PROG_ATTACH BPF_PROG_DETACH BPF_PROG_TEST_RUN BPF_PROG_GET_NEXT_ID
      BPF_MAP_GET_NEXT_ID BPF_PROG_GET_FD_BY_ID BPF_MAP_GET_FD_BY_ID BPF_OBJ_GET_INFO_BY_FD BPF_PROG_QUERY
      BPF_RAW_TRACEPOINT_OPEN BPF_BTF_LOAD BPF_BTF_GET_FD_BY_ID BPF_TASK_FD_QUERY BPF_MAP_LOOKUP_AND_DELETE_ELEM
      BPF_MAP_FREEZE BPF_BTF_GET_NEXT_ID BPF_MAP_LOOKUP_BATCH BPF_MAP_LOOKUP_AND_DELETE_BATCH BPF_MAP_UPDATE_BATCH
      BPF_MAP_DELETE_BATCH BPF_LINK_CREATE BPF_LINK_UPDATE BPF_LINK_GET_FD_BY_ID BPF_LINK_GET_NEXT_ID
      BPF_ENABLE_STATS BPF_ITER_CREATE BPF_LINK_DETACH BPF_PROG_BIND_MAP`,
    ),
});
