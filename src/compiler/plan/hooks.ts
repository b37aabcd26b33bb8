/**
 * Which security hook a call passes on its way to its effect: a hook that returns an error there makes the call
 * fail with exactly that error and change nothing. Measured on Linux 6.1 and 6.12 by denying in one hook at a time.
 *
 * Chosen is the earliest hook that only this kind of operation reaches and that has no side effect: O_CREAT denied
 * in file_open has already created the file, exec denied in the mmap hooks is a SIGSEGV, `capable` and the
 * allocation hooks turn the errno into another one. A call that is not listed reaches none.
 *
 * Names are those of BPF LSM; SECURITY_FUNCTION has the kernel functions whose names differ. Where hooks were
 * renamed between kernels all names are given: those that exist are used.
 */
import { table } from "../../base/table.ts";

export const HOOKS_OF_CALL = table<readonly string[]>({
  // opening: the file object is allocated before anything is looked up
  ...all(
    ["open", "openat", "openat2", "creat", "open_by_handle_at", "open_tree", "mq_open"],
    ["file_alloc_security"],
  ),
  ...all(
    ["swapon", "swapoff", "acct", "fsopen", "fsmount", "memfd_create", "pipe", "pipe2"],
    ["file_alloc_security"],
  ),
  ...all(
    ["epoll_create", "epoll_create1", "eventfd", "eventfd2", "signalfd", "signalfd4"],
    ["file_alloc_security"],
  ),
  ...all(
    ["inotify_init", "inotify_init1", "fanotify_init", "timerfd_create", "userfaultfd"],
    ["file_alloc_security"],
  ),
  ...all(["io_uring_setup", "pidfd_open"], ["file_alloc_security"]),
  // names
  unlink: ["path_unlink"],
  unlinkat: ["path_unlink", "path_rmdir"],
  rmdir: ["path_rmdir"],
  ...all(["mkdir", "mkdirat"], ["path_mkdir"]),
  ...all(["mknod", "mknodat"], ["path_mknod"]),
  ...all(["symlink", "symlinkat"], ["path_symlink"]),
  ...all(["link", "linkat"], ["path_link"]),
  ...all(["rename", "renameat", "renameat2"], ["path_rename"]),
  mq_unlink: ["inode_unlink"],
  // attributes
  ...all(["chmod", "fchmod", "fchmodat", "fchmodat2"], ["path_chmod"]),
  ...all(
    ["chown", "lchown", "fchown", "fchownat", "chown32", "lchown32", "fchown32"],
    ["path_chown"],
  ),
  ...all(["truncate", "truncate64"], ["path_truncate"]),
  ...all(["ftruncate", "ftruncate64"], ["path_truncate", "file_truncate"]),
  ...all(["utime", "utimes", "utimensat", "futimesat", "utimensat_time64"], ["inode_setattr"]),
  ...all(["setxattr", "lsetxattr", "fsetxattr", "setxattrat"], ["inode_setxattr"]),
  ...all(["removexattr", "lremovexattr", "fremovexattr", "removexattrat"], ["inode_removexattr"]),
  ...all(["getxattr", "lgetxattr", "fgetxattr", "getxattrat"], ["inode_getxattr"]),
  ...all(["listxattr", "llistxattr", "flistxattr", "listxattrat"], ["inode_listxattr"]),
  ...all(["stat", "lstat", "fstat", "newfstatat", "statx"], ["inode_getattr"]),
  ...all(["stat64", "lstat64", "fstat64", "fstatat64"], ["inode_getattr"]),
  ...all(["oldstat", "oldlstat", "oldfstat"], ["inode_getattr"]),
  ...all(["statfs", "fstatfs", "statfs64", "fstatfs64"], ["sb_statfs"]),
  ...all(["access", "faccessat", "faccessat2", "chdir", "fchdir"], ["inode_permission"]),
  ...all(["readlink", "readlinkat"], ["inode_readlink"]),
  chroot: ["path_chroot"],
  // mounts
  mount: ["sb_mount"],
  ...all(["umount", "umount2"], ["sb_umount"]),
  pivot_root: ["sb_pivotroot"],
  move_mount: ["move_mount"],
  quotactl: ["quotactl"],
  ...all(["inotify_add_watch", "fanotify_mark"], ["path_notify"]),
  // open files
  ...all(
    ["read", "readv", "pread64", "preadv", "preadv2", "getdents", "getdents64"],
    ["file_permission"],
  ),
  ...all(["write", "writev", "pwrite64", "pwritev", "pwritev2", "fallocate"], ["file_permission"]),
  ...all(["sendfile", "sendfile64", "splice", "copy_file_range"], ["file_permission"]),
  ...all(["fcntl", "fcntl64"], ["file_fcntl"]),
  ioctl: ["file_ioctl", "file_ioctl_compat"],
  flock: ["file_lock"],
  ...all(["mmap", "mmap2"], ["mmap_file"]),
  mprotect: ["file_mprotect"],
  // processes
  ...all(["execve", "execveat"], ["bprm_creds_for_exec"]),
  ...all(["fork", "vfork", "clone", "clone3"], ["task_alloc"]),
  ...all(
    ["kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"],
    ["task_kill"],
  ),
  ptrace: ["ptrace_access_check", "ptrace_traceme"],
  setpgid: ["task_setpgid"],
  ...all(["nice", "setpriority"], ["task_setnice"]),
  ...all(
    ["sched_setscheduler", "sched_setparam", "sched_setattr", "sched_setaffinity"],
    ["task_setscheduler"],
  ),
  ...all(
    ["sched_getscheduler", "sched_getparam", "sched_getattr", "sched_getaffinity"],
    ["task_getscheduler"],
  ),
  setrlimit: ["task_setrlimit"],
  prlimit64: ["task_prlimit", "task_setrlimit"],
  prctl: ["task_prctl"],
  capget: ["capget"],
  capset: ["capset"],
  ...all(
    ["setuid", "setreuid", "setresuid", "setuid32", "setreuid32", "setresuid32"],
    ["task_fix_setuid"],
  ),
  ...all(
    ["setgid", "setregid", "setresgid", "setgid32", "setregid32", "setresgid32"],
    ["task_fix_setgid"],
  ),
  ...all(["setgroups", "setgroups32"], ["task_fix_setgroups"]),
  // the machine
  ...all(["clock_settime", "clock_settime64", "settimeofday"], ["settime"]),
  syslog: ["syslog"],
  init_module: ["kernel_load_data"],
  finit_module: ["kernel_read_file"],
  kexec_load: ["kernel_load_data"],
  bpf: ["bpf"],
  perf_event_open: ["perf_event_open"],
  keyctl: ["key_permission"],
  // System V objects
  shmget: ["shm_alloc_security"],
  shmat: ["shm_shmat"],
  shmctl: ["shm_shmctl"],
  semget: ["sem_alloc_security"],
  semctl: ["sem_semctl"],
  ...all(["semop", "semtimedop", "semtimedop_time64"], ["sem_semop"]),
  msgget: ["msg_queue_alloc_security"],
  msgctl: ["msg_queue_msgctl"],
  msgsnd: ["msg_queue_msgsnd"],
  // sockets
  socket: ["socket_create"],
  socketpair: ["socket_create"],
  bind: ["socket_bind"],
  connect: ["socket_connect"],
  listen: ["socket_listen"],
  ...all(["accept", "accept4"], ["socket_accept"]),
  ...all(["sendto", "sendmsg", "sendmmsg"], ["socket_sendmsg"]),
  ...all(["recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64"], ["socket_recvmsg"]),
  getsockname: ["socket_getsockname"],
  getpeername: ["socket_getpeername"],
  getsockopt: ["socket_getsockopt"],
  setsockopt: ["socket_setsockopt"],
  shutdown: ["socket_shutdown"],
});

/** Kernel functions (for fmod_ret) that are not simply `security_` and the name of the hook. */
const SECURITY_FUNCTION = table<string>({
  file_alloc_security: "security_file_alloc",
  settime: "security_settime64",
  shm_alloc_security: "security_shm_alloc",
  sem_alloc_security: "security_sem_alloc",
  msg_queue_alloc_security: "security_msg_queue_alloc",
  bprm_creds_for_exec: "security_bprm_creds_for_exec",
});

/** Where a program for the hook attaches: `bpf_lsm_X` for LSM programs, `security_X` for fmod_ret. */
export function hookFunction(hook: string, kind: "lsm" | "fmod_ret"): string {
  return kind === "lsm" ? `bpf_lsm_${hook}` : (SECURITY_FUNCTION[hook] ?? `security_${hook}`);
}

/** Errors that a hook must not return: the kernel would misbehave. The reason, for the diagnostic. */
export function errnoProblem(call: string, errno: number): string | undefined {
  const hooks = HOOKS_OF_CALL[call] ?? [];
  if (hooks.includes("task_kill") && errno === 3)
    return "the kernel repeats a kill for ever while a security hook answers ESRCH";
  if (call === "prctl" && errno === 38)
    return "to prctl, ENOSYS from a security hook means `continue`";
  if (hooks.includes("file_alloc_security") && errno === 518)
    return "the kernel turns 518 into ESTALE when it opens files";
  if (errno === 529)
    return "to the kernel, 529 from a security hook means that an operation is under way and will end later";
  return undefined;
}

/** What some calls can do without passing any of their hooks. */
export const UNHOOKED = table<string>({
  acct: "turning accounting off",
  ptrace: "requests to a process that is traced already",
  prlimit64: "reading one's own limits",
});

function all(
  calls: readonly string[],
  hooks: readonly string[],
): Record<string, readonly string[]> {
  return Object.fromEntries(calls.map((call) => [call, hooks]));
}
