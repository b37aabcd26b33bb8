/** Which constants of which headers rules can name. */
export interface Source {
  readonly header: string;
  /** Names to take; the rest of the header is of no use in rules. */
  readonly names: RegExp;
}

export const sources: readonly Source[] = [
  // files
  { header: "asm/fcntl.h", names: /^(O|F|FD|LOCK)_(?!.*LINUX_SPECIFIC|OWNER)\w+$/ },
  { header: "linux/fcntl.h", names: /^(AT|F|DN)_\w+$/ },
  { header: "linux/stat.h", names: /^(S_I\w+|STATX_(?!__)\w+)$/ },
  { header: "linux/openat2.h", names: /^RESOLVE_/ },
  {
    header: "linux/fs.h",
    names:
      /^((SEEK|RENAME|RWF|FS_IOC32|FS_IOC|FS_XFLAG)_\w+|FS_\w+_FL|(FICLONE|FIBMAP|FIGETBSZ|BLK)\w*)$/,
  },
  {
    header: "linux/mount.h",
    names: /^(MS|MOUNT|OPEN_TREE|MOVE_MOUNT|FSOPEN|FSPICK|FSCONFIG|FSMOUNT)_\w+$/,
  },
  { header: "sys/mount.h", names: /^(MNT_|UMOUNT_)\w+$/ },
  { header: "linux/falloc.h", names: /^FALLOC_FL_/ },
  { header: "linux/fadvise.h", names: /^POSIX_FADV_/ },
  { header: "linux/xattr.h", names: /^XATTR_(CREATE|REPLACE|SIZE_MAX|NAME_MAX)$/ },
  { header: "linux/close_range.h", names: /^CLOSE_RANGE_/ },
  { header: "linux/quota.h", names: /^(Q_|USRQUOTA|GRPQUOTA|PRJQUOTA)/ },
  { header: "linux/limits.h", names: /^(PATH_MAX|NAME_MAX|PIPE_BUF)$/ },
  { header: "unistd.h", names: /^([RWXF]_OK|STD(IN|OUT|ERR)_FILENO)$/ },
  { header: "fcntl.h", names: /^(SPLICE_F|SYNC_FILE_RANGE)_/ },
  { header: "linux/kcmp.h", names: /^KCMP_(?!TYPES)/ },
  // processes
  { header: "linux/sched.h", names: /^(CLONE|SCHED|CSIGNAL)/ },
  { header: "asm/signal.h", names: /^(SIG[A-Z]\w*|SA_\w+|SS_\w+|MINSIGSTKSZ)$/ },
  { header: "linux/wait.h", names: /^(W[A-Z]+|P_\w+|__W(ALL|CLONE|NOTHREAD))$/ },
  { header: "linux/ptrace.h", names: /^PTRACE_/ },
  { header: "asm/ptrace-abi.h", names: /^PTRACE_/ },
  { header: "sys/ptrace.h", names: /^PTRACE_/ },
  { header: "signal.h", names: /^SIG(CLD|POLL|_BLOCK|_UNBLOCK|_SETMASK)$/ },
  { header: "sched.h", names: /^SCHED_/ },
  { header: "linux/prctl.h", names: /^PR_/ },
  { header: "asm/prctl.h", names: /^ARCH_/ },
  { header: "linux/capability.h", names: /^(CAP_\w+|_LINUX_CAPABILITY_VERSION_\w+)$/ },
  { header: "linux/seccomp.h", names: /^SECCOMP_(MODE|SET|GET|FILTER|RET)_\w+$/ },
  { header: "linux/securebits.h", names: /^SEC(URE|BIT)_\w+$/ },
  { header: "linux/resource.h", names: /^(RLIMIT|RUSAGE|PRIO)_\w+$/ },
  { header: "asm/resource.h", names: /^(RLIMIT_\w+|RLIM_INFINITY)$/ },
  { header: "linux/futex.h", names: /^FUTEX_/ },
  { header: "linux/membarrier.h", names: /^MEMBARRIER_/ },
  { header: "linux/landlock.h", names: /^LANDLOCK_/ },
  { header: "linux/keyctl.h", names: /^(KEYCTL|KEY_SPEC|KEY_REQKEY)_\w+$/ },
  { header: "linux/personality.h", names: /^(?!_)[A-Z]\w+$/ },
  { header: "linux/ioprio.h", names: /^IOPRIO_(?!PRIO)\w+$/ },
  { header: "linux/random.h", names: /^GRND_/ },
  { header: "linux/rseq.h", names: /^RSEQ_/ },
  { header: "linux/pidfd.h", names: /^PIDFD_/ },
  // memory and System V IPC
  { header: "asm/mman.h", names: /^(PROT|MAP|MADV|MS|MCL|MLOCK|PKEY)_\w+$/ },
  { header: "linux/mman.h", names: /^(MREMAP|MAP|OVERCOMMIT)_\w+$/ },
  { header: "sys/mman.h", names: /^(PROT|MAP|MADV|MS|MCL|POSIX_MADV)_\w+$/ },
  { header: "linux/memfd.h", names: /^MFD_/ },
  { header: "linux/mempolicy.h", names: /^MPOL_/ },
  {
    header: "linux/ipc.h",
    names: /^(IPC_\w+|SEM(OP|GET|CTL|TIMEDOP)|MSG(SND|RCV|GET|CTL)|SHM(AT|DT|GET|CTL))$/,
  },
  { header: "linux/shm.h", names: /^(SHM|IPC)_\w+$/ },
  {
    header: "linux/sem.h",
    names: /^(SEM_\w+|GETPID|GETVAL|GETALL|GETNCNT|GETZCNT|SETVAL|SETALL)$/,
  },
  { header: "linux/msg.h", names: /^MSG_(STAT|INFO|NOERROR|EXCEPT|COPY|STAT_ANY)$/ },
  {
    header: "linux/userfaultfd.h",
    names: /^(UFFD_\w+|UFFDIO_(API|REGISTER|UNREGISTER|WAKE|COPY|ZEROPAGE))$/,
  },
  // network
  { header: "sys/socket.h", names: /^(AF|PF|SOCK|SOL|MSG|SHUT|SO|SCM)_\w+$/ },
  { header: "linux/in.h", names: /^(IPPROTO|IP|MCAST|INADDR)_\w+$/ },
  { header: "linux/in6.h", names: /^(IPPROTO|IPV6)_\w+$/ },
  { header: "linux/tcp.h", names: /^TCP_(?!.*MIB)[A-Z]\w+$/ },
  { header: "linux/udp.h", names: /^UDP_/ },
  { header: "linux/net.h", names: /^SYS_/ },
  { header: "linux/netlink.h", names: /^NETLINK_/ },
  { header: "linux/if_ether.h", names: /^ETH_P_/ },
  { header: "linux/if_packet.h", names: /^PACKET_/ },
  { header: "linux/sockios.h", names: /^SIOC/ },
  { header: "linux/vm_sockets.h", names: /^(VMADDR|SO_VM)_\w+$/ },
  { header: "linux/can.h", names: /^CAN_/ },
  // events and time
  { header: "linux/eventpoll.h", names: /^EPOLL/ },
  { header: "asm/poll.h", names: /^POLL/ },
  { header: "linux/inotify.h", names: /^IN_/ },
  { header: "linux/fanotify.h", names: /^FAN_/ },
  { header: "sys/eventfd.h", names: /^EFD_/ },
  { header: "linux/signalfd.h", names: /^SFD_/ },
  { header: "linux/timerfd.h", names: /^TFD_/ },
  { header: "linux/time.h", names: /^(CLOCK|ITIMER|TIMER)_\w+$/ },
  { header: "linux/timex.h", names: /^ADJ_/ },
  { header: "linux/io_uring.h", names: /^(IORING|IOSQE)_\w+$/ },
  { header: "linux/aio_abi.h", names: /^IOC(B_CMD|B_FLAG)_\w+$/ },
  { header: "asm/siginfo.h", names: /^(SI|ILL|FPE|SEGV|BUS|TRAP|CLD|POLL|SYS|SIGEV)_\w+$/ },
  // the system
  { header: "linux/reboot.h", names: /^LINUX_REBOOT_/ },
  { header: "linux/module.h", names: /^MODULE_INIT_/ },
  { header: "linux/kexec.h", names: /^KEXEC_(?!ARCH_\w*[a-z])\w+$/ },
  { header: "linux/bpf.h", names: /^BPF_(MAP|PROG|OBJ|LINK|BTF|TASK|RAW|ITER|ENABLE|F)_\w+$/ },
  { header: "linux/perf_event.h", names: /^PERF_(FLAG|TYPE|COUNT)_\w+$/ },
  { header: "asm/ioctls.h", names: /^(TC|TIO|FIO)\w+$/ },
  { header: "linux/if_tun.h", names: /^TUN\w+$/ },
  { header: "linux/loop.h", names: /^LOOP_/ },
  { header: "linux/nsfs.h", names: /^NS_/ },
  { header: "sys/swap.h", names: /^SWAP_/ },
  // errors
  { header: "asm/errno.h", names: /^E[A-Z0-9]+$/ },
];

/** Names that newer headers have and installed ones may lack. */
export const newerConstants: Readonly<Record<string, Readonly<Record<string, bigint>>>> = {
  "linux/fcntl.h": {
    AT_RENAME_NOREPLACE: 0x1n,
    AT_RENAME_EXCHANGE: 0x2n,
    AT_RENAME_WHITEOUT: 0x4n,
    AT_HANDLE_FID: 0x200n,
    AT_HANDLE_MNT_ID_UNIQUE: 0x1n,
    AT_HANDLE_CONNECTABLE: 0x2n,
    AT_EXECVE_CHECK: 0x10000n,
    F_DUPFD_QUERY: 1027n,
    F_CREATED_QUERY: 1028n,
  },
  "linux/stat.h": {
    STATX_MNT_ID_UNIQUE: 0x4000n,
    STATX_SUBVOL: 0x8000n,
    STATX_WRITE_ATOMIC: 0x10000n,
  },
  "linux/fs.h": { RWF_NOAPPEND: 0x20n, RWF_ATOMIC: 0x40n, RWF_DONTCACHE: 0x80n },
  "linux/memfd.h": { MFD_NOEXEC_SEAL: 0x8n, MFD_EXEC: 0x10n },
  "linux/mount.h": { MOVE_MOUNT_BENEATH: 0x200n },
  "linux/pidfd.h": {
    PIDFD_THREAD: 0x80n,
    PIDFD_SIGNAL_THREAD: 1n,
    PIDFD_SIGNAL_THREAD_GROUP: 2n,
    PIDFD_SIGNAL_PROCESS_GROUP: 4n,
  },
};
