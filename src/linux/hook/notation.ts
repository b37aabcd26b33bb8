/**
 * How a security hook receives the file that a call is about: already resolved, so nothing that happens to names
 * afterwards changes what is decided. The compiler has the code for each kind.
 */

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

/** When a hook can come before the file of a call is known: rules on files leave the call undecided there. */
export type HookTurn =
  /** It is the file's turn where argument `at` has one of the bits. */
  | { readonly kind: "mask"; readonly at: number; readonly mask: number }
  /** The address, as above, names no file in a file system. */
  | { readonly kind: "address"; readonly at: number; readonly length: number }
  /** struct socket *: no unix socket for which `unix_may_send` is asked. */
  | { readonly kind: "sending"; readonly at: number };

export function entry(directory: number, dentry = directory + 1): FileArgument {
  return { kind: "entry", directory, dentry };
}

export function path(at: number): FileArgument {
  return { kind: "path", at };
}

export function file(at: number): FileArgument {
  return { kind: "file", at };
}
