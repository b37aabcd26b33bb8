/**
 * Numbers of the interface between Linux and programs that code of several rooms needs, each from the header of the kernel
 * that its group names. Equal on all architectures that we know unless a line says otherwise; numbers of calls are in
 * `sys/number.ts`, what rules call by name in `linux/`.
 */

// include/uapi/asm-generic/errno-base.h and errno.h
export const EPERM = 1;
export const ENOENT = 2;
export const ESRCH = 3;
export const EINTR = 4;
export const E2BIG = 7;
export const ENOEXEC = 8;
export const EBADF = 9;
export const ECHILD = 10;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EFAULT = 14;
export const EBUSY = 16;
export const EEXIST = 17;
export const ENOTDIR = 20;
export const EINVAL = 22;
export const ENOSPC = 28;
export const ENAMETOOLONG = 36;
export const ENOSYS = 38;
export const ELOOP = 40;
export const EMSGSIZE = 90;
export const EOPNOTSUPP = 95;
export const ENOBUFS = 105;
export const ETIMEDOUT = 110;
export const ESTALE = 116;
/** Results from -MAX_ERRNO to -1 are errors (include/linux/err.h). */
export const MAX_ERRNO = 4095;

// include/linux/errno.h: inside the kernel only, and seen by tracers
export const ERESTARTSYS = 512;
/**
 * With a stop signal pending the kernel stops the process, and makes the call again when it continues; without one,
 * programs would see the number.
 */
export const ERESTARTNOINTR = 513;
export const ERESTART_RESTARTBLOCK = 516;
export const ENOTSUPP = 524;

// include/uapi/asm-generic/signal.h
export const SIGINT = 2;
export const SIGTRAP = 5;
export const SIGKILL = 9;
export const SIGALRM = 14;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTTIN = 21;
export const SIGTTOU = 22;
export const SIGURG = 23;
/** Real-time signals end with it. */
export const LAST_SIGNAL = 64;
/** How rt_sigprocmask changes the mask. */
export const SIG_SETMASK = 2;
/** Bytes of siginfo_t. */
export const SIGINFO_SIZE = 128;

// include/uapi/linux/fcntl.h
export const AT_FDCWD = -100;
export const F_SETFD = 2;
export const F_GETFL = 3;

/** O_PATH | O_CLOEXEC of x86. */
export const O_PATH_CLOEXEC = 0x280000;

// include/uapi/linux/stat.h
export const S_IFMT = 0o170000;
export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IFSOCK = 0o140000;

// include/uapi/linux/sched.h
export const CLONE_VM = 0x100;
export const CLONE_FILES = 0x400;
export const CLONE_PARENT_SETTID = 0x100000;
export const CLONE_UNTRACED = 0x800000;

// include/uapi/asm-generic/mman-common.h
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;
export const MAP_SHARED = 1;
export const MAP_PRIVATE = 2;
export const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;
/** Of x86: an address that fits a 32-bit call. */
export const MAP_32BIT = 0x40;

// include/uapi/linux/time.h
export const CLOCK_REALTIME = 0;
export const CLOCK_BOOTTIME = 7;

// include/linux/socket.h
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
/** Bytes of the family in front of an address, sizeof(sa_family_t). */
export const FAMILY_SIZE = 2;
/** sizeof(struct sockaddr_un): the kernel refuses longer ones (include/uapi/linux/un.h). */
export const SOCKADDR_UN_SIZE = 110;
/** Of x86 (include/uapi/asm-generic/socket.h). */
export const SOL_SOCKET = 1;

// include/uapi/asm-generic/poll.h
export const POLLHUP = 0x10;

// include/uapi/linux/inotify.h
/** struct inotify_event without the name: watch, mask, cookie, length of the name. */
export const INOTIFY_EVENT_SIZE = 16;

// include/uapi/linux/magic.h
export const PROC_SUPER_MAGIC = 0x9fa0;

// include/uapi/linux/uio.h and include/linux/fs.h
/** A vector of more elements fails (EINVAL). */
export const UIO_MAXIOV = 1024;
/** The kernel moves no more bytes at once. */
export const MAX_RW_COUNT = 0x7fff_f000;

// include/uapi/linux/bpf.h
export const BPF_NOEXIST = 1;

/** ns of one tick of USER_HZ, which is 100 on all architectures of ours; /proc counts the start of tasks in these. */
export const TICK_NS = 10_000_000;

/** Bytes of a page of x86-64. */
export const PAGE_SIZE = 4096;
/** Bytes of a path that a call may be given, its end included (include/uapi/linux/limits.h). */
export const PATH_MAX = 4096;
/** Symbolic links that the kernel follows in one path (include/linux/namei.h); more are ELOOP. */
export const MAXSYMLINKS = 40;
