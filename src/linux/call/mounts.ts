/** Directories and roots of processes, mounts, swap, quotas. */
import { mountTypes, quotaTypes } from "../command/machine.ts";
import { clear, emptyPath, i386, noFollow, set } from "./notation.ts";
import type { CallFamily } from "./row.ts";

export const mountsCalls: CallFamily = {
  chdir: { classes: ["@file"], hooks: ["inode_permission"], changes: ["cwd"] },
  fchdir: { hooks: ["inode_permission"], changes: ["cwd"] },
  chroot: { classes: ["@file"], hooks: ["path_chroot"], changes: ["root"] },
  getcwd: { classes: ["@file"], means: { buf: "buffer:size" } },
  mount: {
    classes: ["@file"],
    means: { dev_name: "string", data: "string", flags: "mount_flags" },
    hooks: ["sb_mount"],
    changes: ["mounts"],
    escapes: ["mounts-layers"],
    mounting: { type: 3, over: "PATH", copies: "PARAMS[4] & (MS_BIND | MS_MOVE)" },
  },
  umount: { aliasOf: "umount2", hooks: ["sb_umount"], changes: ["mounts"] },
  umount2: {
    classes: ["@file"],
    twins: [i386("umount", ["name", 0n])],
    means: { flags: "umount_flags" },
    keepsLink: { name: [set("flags", "UMOUNT_NOFOLLOW")] },
    hooks: ["sb_umount"],
    changes: ["mounts"],
  },
  pivot_root: { classes: ["@file"], hooks: ["sb_pivotroot"], changes: ["mounts"] },
  fsopen: {
    means: { flags: "fsopen_flags" },
    hooks: ["file_alloc_security"],
    mounting: { type: 1 },
  },
  fsconfig: {
    means: { cmd: "fsconfig_cmd" },
    typesBy: mountTypes,
    escapes: ["configures-layers"],
  },
  fsmount: {
    means: { attr_flags: "mount_attr", flags: "fsmount_flags" },
    hooks: ["file_alloc_security"],
    changes: ["root"],
  },
  open_tree: {
    classes: ["@file"],
    means: { flags: "open_tree_flags" },
    keepsLink: { filename: noFollow("flags") },
    mayBeEmpty: { filename: emptyPath("flags") },
    hooks: ["file_alloc_security"],
    changes: ["root"],
  },
  open_tree_attr: {
    classes: ["@file"],
    means: { flags: "open_tree_flags" },
    keepsLink: { filename: noFollow("flags") },
    mayBeEmpty: { filename: emptyPath("flags") },
    changes: ["root"],
  },
  move_mount: {
    classes: ["@file"],
    means: { flags: "move_mount_flags" },
    keepsLink: {
      from_pathname: [clear("flags", "MOVE_MOUNT_F_SYMLINKS")],
      to_pathname: [clear("flags", "MOVE_MOUNT_T_SYMLINKS")],
    },
    mayBeEmpty: {
      from_pathname: [set("flags", "MOVE_MOUNT_F_EMPTY_PATH")],
      to_pathname: [set("flags", "MOVE_MOUNT_T_EMPTY_PATH")],
    },
    hooks: ["move_mount"],
    changes: ["mounts"],
    toFile: "replace",
    mounting: { over: "PATH[4]", copies: "" },
  },
  fspick: {
    classes: ["@file"],
    means: { flags: "fspick_flags" },
    keepsLink: { path: [set("flags", "FSPICK_SYMLINK_NOFOLLOW")] },
    mayBeEmpty: { path: [set("flags", "FSPICK_EMPTY_PATH")] },
  },
  mount_setattr: {
    classes: ["@file"],
    means: { flags: "at_flags" },
    keepsLink: { path: noFollow("flags") },
    mayBeEmpty: { path: emptyPath("flags") },
  },
  listmount: { means: { flags: "listmount_flags" }, hooks: ["sb_statfs"] },
  statmount: { hooks: ["sb_statfs"] },
  swapon: {
    classes: ["@file"],
    means: { swap_flags: "swap_flags" },
    hooks: ["file_alloc_security"],
    // what the kernel opens for itself
    fileHooks: ["file_open"],
  },
  swapoff: { classes: ["@file"], hooks: ["file_alloc_security"], fileHooks: ["file_open"] },
  acct: {
    classes: ["@file"],
    hooks: ["file_alloc_security"],
    fileHooks: ["file_open"],
    unhooked: "turning accounting off",
  },
  quotactl: {
    classes: ["@file"],
    means: { cmd: "quotactl" },
    typesBy: quotaTypes,
    hooks: ["quotactl"],
  },
  quotactl_fd: { means: { cmd: "quotactl" }, typesBy: quotaTypes },
};
