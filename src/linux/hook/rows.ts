/**
 * Security hooks: which function of the kernel is one, which files it receives, and what it must not answer. Measured on
 * Linux 6.1 and 6.12. Names are those of BPF LSM.
 *
 * Hooks that are no place to deny a call: O_CREAT denied in file_open has already created the file, exec denied in the mmap hooks
 * is a SIGSEGV, `capable` and the allocation hooks turn the errno into another one.
 */
import { entry, type FileArgument, file, type HookTurn, path } from "./notation.ts";

export interface HookRow {
  /** The kernel's function, where it is not `security_` and the name. */
  readonly function?: string;
  /** The files it receives, in the order of the path parameters of the calls that reach it. */
  readonly files?: readonly FileArgument[];
  /** When it can come before the file of a call is known; absent: it never does. */
  readonly turn?: HookTurn;
  /** Errors by which the kernel would misbehave, with what it would do. */
  readonly mustNotReturn?: Readonly<Record<number, string>>;
}

const LOOKED_UP: readonly FileArgument[] = [{ kind: "dentry" }];
const ENTRY = [entry(0)];
/** MAY_ACCESS and MAY_CHDIR of include/linux/fs.h. */
const MAY_ACCESS_OR_CHDIR = 0x10 | 0x40;
const ADDRESS = { kind: "address", at: 1, length: 2 } as const;

const rows = {
  // opening: the file object is allocated before anything is looked up
  file_alloc_security: {
    function: "security_file_alloc",
    mustNotReturn: { 518: "the kernel turns 518 into ESTALE when it opens files" },
  },
  file_open: { files: [file(0)] },

  // names
  path_unlink: { files: ENTRY },
  path_rmdir: { files: ENTRY },
  path_mkdir: { files: ENTRY },
  path_mknod: { files: ENTRY },
  path_symlink: { files: ENTRY },
  // the linked file is given without its mount; a link never leaves it
  path_link: { files: [entry(1, 0), entry(1)] },
  path_rename: { files: [entry(0), entry(2)] },
  inode_unlink: {},

  // attributes
  path_chmod: { files: [path(0)] },
  path_chown: { files: [path(0)] },
  path_truncate: { files: [path(0)] },
  file_truncate: { files: [file(0)] },
  path_notify: { files: [path(0)] },
  inode_getattr: { files: [path(0)] },
  inode_setattr: { files: LOOKED_UP },
  inode_setxattr: { files: LOOKED_UP },
  inode_removexattr: { files: LOOKED_UP },
  inode_getxattr: { files: LOOKED_UP },
  inode_listxattr: { files: LOOKED_UP },
  inode_readlink: { files: LOOKED_UP },
  inode_permission: {
    files: [{ kind: "inode", at: 0 }],
    turn: { kind: "mask", at: 1, mask: MAY_ACCESS_OR_CHDIR },
  },

  // mounts
  path_chroot: { files: [path(0)] },
  sb_statfs: { files: LOOKED_UP },
  sb_mount: { files: [path(1)] },
  sb_umount: { files: [{ kind: "mount", at: 0 }] },
  // the hook has them in the other order
  sb_pivotroot: { files: [path(1), path(0)] },
  move_mount: { files: [path(0), path(1)] },
  quotactl: {},

  // open files
  file_permission: { files: [file(0)] },
  file_ioctl: { files: [file(0)] },
  file_ioctl_compat: { files: [file(0)] },
  file_fcntl: { files: [file(0)] },
  file_lock: { files: [file(0)] },
  file_mprotect: {},
  mmap_file: {},

  // processes
  bprm_creds_for_exec: { files: [{ kind: "binprm", at: 0 }] },
  task_alloc: {},
  task_kill: {
    mustNotReturn: { 3: "the kernel repeats a kill for ever while a security hook answers ESRCH" },
  },
  ptrace_access_check: {},
  ptrace_traceme: {},
  task_setpgid: {},
  task_setnice: {},
  task_setscheduler: {},
  task_getscheduler: {},
  task_setrlimit: {},
  task_prlimit: {},
  task_prctl: {
    mustNotReturn: { 38: "to prctl, ENOSYS from a security hook means `continue`" },
  },
  capget: {},
  capset: {},
  task_fix_setuid: {},
  task_fix_setgid: {},
  task_fix_setgroups: {},

  // the machine
  settime: { function: "security_settime64" },
  syslog: {},
  kernel_load_data: {},
  kernel_read_file: {},
  bpf: {},
  perf_event_open: {},
  key_permission: {},

  // System V objects
  shm_alloc_security: { function: "security_shm_alloc" },
  shm_shmat: {},
  shm_shmctl: {},
  sem_alloc_security: { function: "security_sem_alloc" },
  sem_semctl: {},
  sem_semop: {},
  msg_queue_alloc_security: { function: "security_msg_queue_alloc" },
  msg_queue_msgctl: {},
  msg_queue_msgsnd: {},

  // sockets
  socket_create: {},
  socket_bind: { files: [ADDRESS], turn: ADDRESS },
  socket_connect: { files: [ADDRESS], turn: ADDRESS },
  socket_listen: {},
  socket_accept: {},
  socket_sendmsg: { files: [{ kind: "none" }], turn: { kind: "sending", at: 0 } },
  socket_recvmsg: {},
  socket_getsockname: {},
  socket_getpeername: {},
  socket_getsockopt: {},
  socket_setsockopt: {},
  socket_shutdown: {},
  unix_stream_connect: { files: [{ kind: "socket", at: 1, ofSocket: false }] },
  unix_may_send: { files: [{ kind: "socket", at: 1, ofSocket: true }] },
} as const satisfies Readonly<Record<string, HookRow>>;

export type HookName = keyof typeof rows;

export const hookRows: Readonly<Record<HookName, HookRow>> = rows;
