/**
 * Where the kernel hands a security hook the file that a call is about: already resolved, so nothing that happens
 * to names afterwards changes what is decided. Measured on Linux 6.1 and 6.12.
 */
import { table } from "../base/table.ts";

/** How the arguments of a hook name one file; numbers are argument positions. */
export type FileArgument =
  /** struct path * of the directory, struct dentry * of the entry in it. */
  | { readonly kind: "entry"; readonly directory: number; readonly dentry: number }
  /** struct path * */
  | { readonly kind: "path"; readonly at: number }
  /** struct file * */
  | { readonly kind: "file"; readonly at: number }
  /** struct linux_binprm * */
  | { readonly kind: "binprm"; readonly at: number };

const entry = (directory: number, dentry = directory + 1): FileArgument => ({
  kind: "entry",
  directory,
  dentry,
});

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
  file_open: [{ kind: "file", at: 0 }],
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
});

/** Hooks to decide PATH rules of a call in; empty: none of its hooks knows the file. */
export function pathHooks(call: string, usual: readonly string[]): readonly string[] {
  return (OTHER_HOOKS[call] ?? usual).filter((hook) => FILES_OF_HOOK[hook] !== undefined);
}
