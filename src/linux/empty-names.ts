/**
 * Path parameters that may be empty, and what allows it: the name is then that of the directory descriptor itself, which need
 * not be a directory. An empty list: always. Anywhere else the kernel answers ENOENT.
 */
import { type Condition, none, set } from "./variant-notation.ts";

const always: readonly Condition[] = [];
const emptyPath = (flags: string) => [set(flags, "AT_EMPTY_PATH")];

export const emptyNames: Readonly<Record<string, readonly Condition[]>> = {
  "newfstatat.filename": emptyPath("flag"),
  "fstatat64.filename": emptyPath("flag"),
  "statx.filename": emptyPath("flags"),
  "fchownat.filename": emptyPath("flag"),
  "fchmodat2.filename": emptyPath("flags"),
  "faccessat2.filename": emptyPath("flags"),
  "linkat.oldname": emptyPath("flags"),
  "execveat.filename": emptyPath("flags"),
  // NULL is what futimens(3) gives
  "utimensat.filename": [...emptyPath("flags"), none("filename")],
  "futimesat.filename": [none("filename")],
  "utimensat_time64.filename": [...emptyPath("flags"), none("filename")],
  "name_to_handle_at.name": emptyPath("flag"),
  "readlinkat.pathname": always,
  "setxattrat.pathname": emptyPath("at_flags"),
  "getxattrat.pathname": emptyPath("at_flags"),
  "listxattrat.pathname": emptyPath("at_flags"),
  "removexattrat.pathname": emptyPath("at_flags"),
  "file_getattr.filename": emptyPath("at_flags"),
  "file_setattr.filename": emptyPath("at_flags"),
  "open_tree.filename": emptyPath("flags"),
  "open_tree_attr.filename": emptyPath("flags"),
  "move_mount.from_pathname": [set("flags", "MOVE_MOUNT_F_EMPTY_PATH")],
  "move_mount.to_pathname": [set("flags", "MOVE_MOUNT_T_EMPTY_PATH")],
  "fspick.path": [set("flags", "FSPICK_EMPTY_PATH")],
  "mount_setattr.path": emptyPath("flags"),
};
