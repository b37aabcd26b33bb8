/**
 * Path parameters where a symbolic link at the end stands for itself: always (empty list) or under a
 * condition. Paths that are not here are followed to their end.
 */
import { table } from "../base/table.ts";
import { type Condition, clear, memory, set } from "./variant-notation.ts";

const always: readonly Condition[] = [];
const noFollow = (flags: string) => [set(flags, "AT_SYMLINK_NOFOLLOW")];
/** open gives up on a link with O_NOFOLLOW; creating exclusively it never looks behind one. */
const openFlags = (flags: Condition["of"]): readonly Condition[] => [
  set(flags, "O_NOFOLLOW"),
  { of: flags, mask: 0o300n, value: 0o300n },
];

export const linksKept = table<readonly Condition[]>({
  "open.filename": openFlags("flags"),
  "openat.filename": openFlags("flags"),
  "openat2.filename": openFlags(memory("how", 0, 8)),
  "unlink.pathname": always,
  "unlinkat.pathname": always,
  "rmdir.pathname": always,
  "rename.oldname": always,
  "rename.newname": always,
  "renameat.oldname": always,
  "renameat.newname": always,
  "renameat2.oldname": always,
  "renameat2.newname": always,
  "link.oldname": always,
  "link.newname": always,
  "linkat.oldname": [clear("flags", "AT_SYMLINK_FOLLOW")],
  "linkat.newname": always,
  "symlink.newname": always,
  "symlinkat.newname": always,
  "mkdir.pathname": always,
  "mkdirat.pathname": always,
  "mknod.filename": always,
  "mknodat.filename": always,
  "readlink.path": always,
  "readlinkat.pathname": always,
  "lchown.filename": always,
  "lchown32.filename": always,
  "fchownat.filename": noFollow("flag"),
  "fchmodat2.filename": noFollow("flags"),
  "faccessat2.filename": noFollow("flags"),
  "lstat.filename": always,
  "lstat64.filename": always,
  "oldlstat.filename": always,
  "newfstatat.filename": noFollow("flag"),
  "fstatat64.filename": noFollow("flag"),
  "statx.filename": noFollow("flags"),
  "execveat.filename": noFollow("flags"),
  "utimensat.filename": noFollow("flags"),
  "utimensat_time64.filename": noFollow("flags"),
  "lsetxattr.pathname": always,
  "lgetxattr.pathname": always,
  "llistxattr.pathname": always,
  "lremovexattr.pathname": always,
  "setxattrat.pathname": noFollow("at_flags"),
  "getxattrat.pathname": noFollow("at_flags"),
  "listxattrat.pathname": noFollow("at_flags"),
  "removexattrat.pathname": noFollow("at_flags"),
  "file_getattr.filename": noFollow("at_flags"),
  "file_setattr.filename": noFollow("at_flags"),
  "name_to_handle_at.name": [clear("flag", "AT_SYMLINK_FOLLOW")],
  "umount2.name": [set("flags", "UMOUNT_NOFOLLOW")],
  "open_tree.filename": noFollow("flags"),
  "open_tree_attr.filename": noFollow("flags"),
  "move_mount.from_pathname": [clear("flags", "MOVE_MOUNT_F_SYMLINKS")],
  "move_mount.to_pathname": [clear("flags", "MOVE_MOUNT_T_SYMLINKS")],
  "fspick.path": [set("flags", "FSPICK_SYMLINK_NOFOLLOW")],
  "mount_setattr.path": noFollow("flags"),
  "inotify_add_watch.pathname": [set("mask", "IN_DONT_FOLLOW")],
  "fanotify_mark.pathname": [set("flags", "FAN_MARK_DONT_FOLLOW")],
});
