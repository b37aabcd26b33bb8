/** Extended attributes. */
import { always, clear, emptyPath, type From, memory, noFollow, set, via } from "./notation.ts";
import type { CallFamily } from "./row.ts";

/** struct xattr_args: u64 value, u32 size, u32 flags. */
const [value, size, flags] = [memory("uargs", 0, 8), memory("uargs", 8, 4), memory("uargs", 12, 4)];
const SET_AT: readonly From[] = ["pathname", "name", value, size, flags];
const GET_AT: readonly From[] = ["pathname", "name", value, size];

export const xattrsCalls: CallFamily = {
  setxattr: {
    classes: ["@file"],
    variants: [via("setxattrat", SET_AT, clear("at_flags", "AT_SYMLINK_NOFOLLOW"))],
    means: { name: "string", value: "buffer:size", flags: "xattr_flags" },
    hooks: ["inode_setxattr"],
    ring: [{ hook: "inode_setxattr" }],
    byDescriptor: ["fsetxattr"],
  },
  lsetxattr: {
    classes: ["@file"],
    variants: [via("setxattrat", SET_AT, set("at_flags", "AT_SYMLINK_NOFOLLOW"))],
    means: { name: "string", value: "buffer:size", flags: "xattr_flags" },
    keepsLink: { pathname: always },
    hooks: ["inode_setxattr"],
  },
  fsetxattr: {
    means: { name: "string", value: "buffer:size", flags: "xattr_flags" },
    hooks: ["inode_setxattr"],
    ring: [{ hook: "inode_setxattr" }],
  },
  setxattrat: {
    means: { name: "string" },
    keepsLink: { pathname: noFollow("at_flags") },
    mayBeEmpty: { pathname: emptyPath("at_flags") },
    hooks: ["inode_setxattr"],
  },
  getxattr: {
    classes: ["@file"],
    variants: [via("getxattrat", GET_AT, clear("at_flags", "AT_SYMLINK_NOFOLLOW"))],
    means: { name: "string", value: "filled:size" },
    hooks: ["inode_getxattr"],
    ring: [{ hook: "inode_getxattr" }],
  },
  lgetxattr: {
    classes: ["@file"],
    variants: [via("getxattrat", GET_AT, set("at_flags", "AT_SYMLINK_NOFOLLOW"))],
    means: { name: "string", value: "filled:size" },
    keepsLink: { pathname: always },
    hooks: ["inode_getxattr"],
  },
  fgetxattr: {
    means: { name: "string", value: "filled:size" },
    hooks: ["inode_getxattr"],
    ring: [{ hook: "inode_getxattr" }],
  },
  getxattrat: {
    means: { name: "string" },
    keepsLink: { pathname: noFollow("at_flags") },
    mayBeEmpty: { pathname: emptyPath("at_flags") },
    hooks: ["inode_getxattr"],
  },
  listxattr: {
    classes: ["@file"],
    variants: [
      via("listxattrat", ["pathname", "list", "size"], clear("at_flags", "AT_SYMLINK_NOFOLLOW")),
    ],
    means: { list: "filled:size" },
    hooks: ["inode_listxattr"],
  },
  llistxattr: {
    classes: ["@file"],
    variants: [
      via("listxattrat", ["pathname", "list", "size"], set("at_flags", "AT_SYMLINK_NOFOLLOW")),
    ],
    means: { list: "filled:size" },
    keepsLink: { pathname: always },
    hooks: ["inode_listxattr"],
  },
  flistxattr: { means: { list: "filled:size" }, hooks: ["inode_listxattr"] },
  listxattrat: {
    means: { list: "filled:size" },
    keepsLink: { pathname: noFollow("at_flags") },
    mayBeEmpty: { pathname: emptyPath("at_flags") },
    hooks: ["inode_listxattr"],
  },
  removexattr: {
    classes: ["@file"],
    variants: [
      via("removexattrat", ["pathname", "name"], clear("at_flags", "AT_SYMLINK_NOFOLLOW")),
    ],
    means: { name: "string" },
    hooks: ["inode_removexattr"],
    byDescriptor: ["fremovexattr"],
  },
  lremovexattr: {
    classes: ["@file"],
    variants: [via("removexattrat", ["pathname", "name"], set("at_flags", "AT_SYMLINK_NOFOLLOW"))],
    means: { name: "string" },
    keepsLink: { pathname: always },
    hooks: ["inode_removexattr"],
  },
  fremovexattr: { means: { name: "string" }, hooks: ["inode_removexattr"] },
  removexattrat: {
    means: { name: "string" },
    keepsLink: { pathname: noFollow("at_flags") },
    mayBeEmpty: { pathname: emptyPath("at_flags") },
    hooks: ["inode_removexattr"],
  },
};
