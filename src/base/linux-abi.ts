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
export const SIGTRAP = 5;
export const SIGKILL = 9;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTTOU = 22;
export const SIGURG = 23;
/** Real-time signals end with it. */
export const LAST_SIGNAL = 64;

// include/uapi/linux/fcntl.h
export const AT_FDCWD = -100;
export const F_SETFD = 2;
export const F_GETFL = 3;

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

/** Bytes of a page of x86-64. */
export const PAGE_SIZE = 4096;
/** Bytes of a path that a call may be given, its end included (include/uapi/linux/limits.h). */
export const PATH_MAX = 4096;
