/**
 * Where the kernel hands a security hook the file that a call is about: already resolved, so nothing that happens
 * to names afterwards changes what is decided. Measured on Linux 6.1 and 6.12.
 */
import { table } from "../../base/table.ts";

/** How the arguments of a hook name one file; numbers are argument positions. */
export type FileArgument =
  /** struct path * of the directory, struct dentry * of the entry in it. */
  | { readonly kind: "entry"; readonly directory: number; readonly dentry: number }
  /** struct path * */
  | { readonly kind: "path"; readonly at: number }
  /** struct file * */
  | { readonly kind: "file"; readonly at: number }
  /** struct linux_binprm * */
  | { readonly kind: "binprm"; readonly at: number }
  /** struct vfsmount *: what it is mounted on. */
  | { readonly kind: "mount"; readonly at: number }
  /** struct dentry *, whose place differs between kernels: parameter `dentry`. The mount is that of the lookup before. */
  | { readonly kind: "dentry" }
  /** struct sock *, or struct socket * with `ofSocket`: the file that a unix socket is bound to, or its abstract name. */
  | { readonly kind: "socket"; readonly at: number; readonly ofSocket: boolean }
  /** struct sockaddr * in the kernel's memory, with its length: an abstract name; what else it names is known later. */
  | { readonly kind: "address"; readonly at: number; readonly length: number }
  /** There is none. */
  | { readonly kind: "none" }
  /** struct inode *. Mount and name are those of the lookup before. */
  | { readonly kind: "inode"; readonly at: number };

const entry = (directory: number, dentry = directory + 1): FileArgument => ({
  kind: "entry",
  directory,
  dentry,
});

const LOOKED_UP: readonly FileArgument[] = [{ kind: "dentry" }];

/** The files of a hook, in the order of the path parameters of the calls that reach it. */
export const FILES_OF_HOOK = table<readonly FileArgument[]>({
  path_unlink: [entry(0)],
  path_rmdir: [entry(0)],
  path_mkdir: [entry(0)],
  path_mknod: [entry(0)],
  path_symlink: [entry(0)],
  // the linked file is given without its mount; a link never leaves it
  path_link: [entry(1, 0), entry(1)],
  path_rename: [entry(0), entry(2)],
  path_chmod: [{ kind: "path", at: 0 }],
  path_chown: [{ kind: "path", at: 0 }],
  path_truncate: [{ kind: "path", at: 0 }],
  file_truncate: [{ kind: "file", at: 0 }],
  path_chroot: [{ kind: "path", at: 0 }],
  path_notify: [{ kind: "path", at: 0 }],
  inode_getattr: [{ kind: "path", at: 0 }],
  sb_mount: [{ kind: "path", at: 1 }],
  sb_umount: [{ kind: "mount", at: 0 }],
  // the hook has them in the other order
  sb_pivotroot: [
    { kind: "path", at: 1 },
    { kind: "path", at: 0 },
  ],
  move_mount: [
    { kind: "path", at: 0 },
    { kind: "path", at: 1 },
  ],
  inode_setattr: LOOKED_UP,
  inode_setxattr: LOOKED_UP,
  inode_removexattr: LOOKED_UP,
  inode_getxattr: LOOKED_UP,
  inode_listxattr: LOOKED_UP,
  inode_readlink: LOOKED_UP,
  sb_statfs: LOOKED_UP,
  inode_permission: [{ kind: "inode", at: 0 }],
  file_open: [{ kind: "file", at: 0 }],
  file_permission: [{ kind: "file", at: 0 }],
  file_ioctl: [{ kind: "file", at: 0 }],
  file_ioctl_compat: [{ kind: "file", at: 0 }],
  file_fcntl: [{ kind: "file", at: 0 }],
  file_lock: [{ kind: "file", at: 0 }],
  socket_connect: [{ kind: "address", at: 1, length: 2 }],
  socket_bind: [{ kind: "address", at: 1, length: 2 }],
  socket_sendmsg: [{ kind: "none" }],
  unix_stream_connect: [{ kind: "socket", at: 1, ofSocket: false }],
  unix_may_send: [{ kind: "socket", at: 1, ofSocket: true }],
  bprm_creds_for_exec: [{ kind: "binprm", at: 0 }],
});

/**
 * Hooks that see the file of a call, instead of those of HOOKS_OF_CALL: opening is decided on the opened file,
 * and on the entry that is about to be created.
 */
const OPENING = ["path_mknod", "file_open"];
const OTHER_HOOKS = table<readonly string[]>({
  open: OPENING,
  openat: OPENING,
  openat2: OPENING,
  creat: OPENING,
  open_by_handle_at: ["file_open"],
  // what the kernel opens for itself
  swapon: ["file_open"],
  swapoff: ["file_open"],
  acct: ["file_open"],
  // the first hook knows that it is no unix socket, or one without a file
  connect: ["socket_connect", "unix_stream_connect", "unix_may_send"],
  bind: ["socket_bind", "path_mknod"],
  sendto: ["socket_sendmsg", "unix_may_send"],
  sendmsg: ["socket_sendmsg", "unix_may_send"],
  sendmmsg: ["socket_sendmsg", "unix_may_send"],
});

/** MAY_ACCESS and MAY_CHDIR of include/linux/fs.h. */
const MAY_ACCESS_OR_CHDIR = 0x10 | 0x40;

/** Hooks that can come before the file of a call is known: rules on files leave the call undecided there. */
export type Turn =
  /** It is the file's turn where argument `at` has one of the bits. */
  | { readonly kind: "mask"; readonly at: number; readonly mask: number }
  /** The address, as above, names no file in a file system. */
  | { readonly kind: "address"; readonly at: number; readonly length: number }
  /** struct socket *: no unix socket for which `unix_may_send` is asked. */
  | { readonly kind: "sending"; readonly at: number };

export const TURN_OF_FILE = table<Turn>({
  inode_permission: { kind: "mask", at: 1, mask: MAY_ACCESS_OR_CHDIR },
  socket_connect: { kind: "address", at: 1, length: 2 },
  socket_bind: { kind: "address", at: 1, length: 2 },
  socket_sendmsg: { kind: "sending", at: 0 },
});

/** Calls that do several things, each of which passes the hooks: one that is let pass does not decide the next. */
export const REPEATS_HOOKS: ReadonlySet<string> = new Set(["sendmmsg"]);

/** Calls on unix sockets whose files are known in other hooks than what all sockets pass. */
const ON_SOCKETS: ReadonlySet<string> = new Set([
  "connect",
  "bind",
  "sendto",
  "sendmsg",
  "sendmmsg",
]);

/** Whether the hook gets a file, or what the rest of it is known of. */
export function getsFile(hook: string): boolean {
  const files = FILES_OF_HOOK[hook] ?? [];
  return files.some(({ kind }) => kind !== "address" && kind !== "none");
}

/** Whether the hook gets the objects of unix sockets, of which a kernel may have no types. */
export function needsUnixSockets(hook: string): boolean {
  return (FILES_OF_HOOK[hook] ?? []).some(({ kind }) => kind === "socket");
}

/** What the call does passes the hook besides its usual ones, and only files are known better there. */
export function isForFilesOnly(call: string, usual: readonly string[], hook: string): boolean {
  return ON_SOCKETS.has(call) && !usual.includes(hook);
}

/** Whether the hook gets no more than a part of the path: the rest is known of the lookup. */
export function needsLookup(hook: string): boolean {
  const files = FILES_OF_HOOK[hook] ?? [];
  return files.some(({ kind }) => kind === "dentry" || kind === "inode");
}

/** Hooks to decide PATH rules of a call in; empty: none of its hooks knows the file. */
export function pathHooks(call: string, usual: readonly string[]): readonly string[] {
  return (OTHER_HOOKS[call] ?? usual).filter((hook) => FILES_OF_HOOK[hook] !== undefined);
}
