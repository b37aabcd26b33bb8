/** Opening, duplicating and closing files, and what is set on open ones. */

import { S_IFREG } from "../../base/linux-abi.ts";
import { fcntlTypes } from "../command/fcntl.ts";
import { ioctlTypes } from "../command/ioctl.ts";
import {
  clear,
  emptyPath,
  i386,
  memory,
  set,
  undecided,
  type VariantCondition,
  via,
} from "./notation.ts";
import { kindOfFile } from "./ring.ts";
import type { CallFamily, CallRow } from "./row.ts";

/** Opening is decided on the opened file, and on the entry that is about to be created. */
const OPENING: CallRow["fileHooks"] = ["path_mknod", "file_open"];

/** open gives up on a link with O_NOFOLLOW; creating exclusively it never looks behind one. */
const openFlags = (flags: VariantCondition["of"]): readonly VariantCondition[] => [
  set(flags, "O_NOFOLLOW"),
  { of: flags, mask: 0o300n, value: 0o300n },
];

export const openCalls: CallFamily = {
  open: {
    classes: ["@file"],
    variants: [
      via("openat", ["filename", "flags", "mode"]),
      via("openat2", ["filename", memory("how", 0, 8), memory("how", 8, 8)]),
      via("creat", ["pathname", { constant: "O_CREAT|O_WRONLY|O_TRUNC" }, "mode"]),
      via("open_by_handle_at", [
        undecided("a file handle; PATH is the file that it leads to"),
        "flags",
        0n,
      ]),
    ],
    means: { flags: "open_flags" },
    keepsLink: { filename: openFlags("flags") },
    // the file object is allocated before anything is looked up
    hooks: ["file_alloc_security"],
    fileHooks: OPENING,
    ring: "openat",
    toFile: "open",
  },
  openat: {
    variants: [via("openat2", ["dfd", "filename", memory("how", 0, 8), memory("how", 8, 8)])],
    means: { flags: "open_flags" },
    keepsLink: { filename: openFlags("flags") },
    hooks: ["file_alloc_security"],
    fileHooks: OPENING,
    ring: [
      { hook: "file_open" },
      // it creates, so it writes: O_CREAT | O_RDWR
      { hook: "path_mknod", argument: [2, 0x42], when: kindOfFile(S_IFREG) },
    ],
    toFile: "open",
  },
  openat2: {
    keepsLink: { filename: openFlags(memory("how", 0, 8)) },
    hooks: ["file_alloc_security"],
    fileHooks: OPENING,
    ring: "openat",
    pathBy: "how",
  },
  creat: { hooks: ["file_alloc_security"], fileHooks: OPENING, ring: "openat" },
  open_by_handle_at: {
    means: { flags: "open_flags" },
    hooks: ["file_alloc_security"],
    fileHooks: ["file_open"],
    pathBy: "handle",
  },
  name_to_handle_at: {
    classes: ["@file"],
    means: { flag: "handle_flags" },
    keepsLink: { name: [clear("flag", "AT_SYMLINK_FOLLOW")] },
    mayBeEmpty: { name: emptyPath("flag") },
  },
  uselib: { classes: ["@file"] },
  close: { ring: [] },
  // max_fd: up to the last one, so no descriptor
  close_range: { means: { flags: "close_range_flags", max_fd: "" } },
  dup2: { variants: [via("dup3", ["oldfd", "newfd"])] },
  dup3: { means: { flags: "dup_flags" } },
  pipe: { variants: [via("pipe2", ["fildes"])], hooks: ["file_alloc_security"], ring: [] },
  pipe2: { means: { flags: "pipe_flags" }, hooks: ["file_alloc_security"], ring: [] },
  fcntl: {
    twins: [i386("fcntl64", ["fd", "cmd", "arg"])],
    means: { cmd: "fcntl_cmd", arg: "fcntl_arg" },
    typesBy: fcntlTypes,
    hooks: ["file_fcntl"],
  },
  fcntl64: {
    aliasOf: "fcntl",
    means: { cmd: "fcntl_cmd", arg: "fcntl_arg" },
    typesBy: fcntlTypes,
    hooks: ["file_fcntl"],
  },
  ioctl: {
    means: { cmd: "ioctl_cmd", arg: "hex" },
    typesBy: ioctlTypes,
    hooks: ["file_ioctl", "file_ioctl_compat"],
    escapes: ["types"],
  },
  flock: { means: { cmd: "flock_cmd" }, hooks: ["file_lock"] },
  lseek: {
    twins: [i386("_llseek", ["fd", "offset_low", "whence"])],
    means: { whence: "seek_whence" },
  },
  _llseek: { means: { whence: "seek_whence" } },
  umask: { means: { mask: "mode" } },
  memfd_create: {
    classes: ["@memory"],
    means: { uname: "string", flags: "memfd_flags" },
    hooks: ["file_alloc_security"],
  },
  memfd_secret: { classes: ["@memory"], means: { flags: "secret_flags" } },
  lookup_dcookie: {
    twins: [i386("lookup_dcookie", ["cookie_lo", "buf", "len"])],
    means: { buf: "filled:len" },
  },
};
