/** Memory of a process. */
import { i386, via, wordsAt } from "./notation.ts";
import type { CallFamily } from "./row.ts";

export const memoryCalls: CallFamily = {
  brk: { classes: ["@memory"], means: { brk: "address" } },
  mmap: {
    classes: ["@memory"],
    twins: [
      i386("mmap", wordsAt("arg", 6)),
      i386("mmap2", ["addr", "len", "prot", "flags", "fd", "pgoff"]),
    ],
    means: { prot: "mmap_prot", flags: "mmap_flags", fd: "fd:s32", addr: "address", off: "hex" },
    hooks: ["mmap_file"],
  },
  mmap2: {
    aliasOf: "mmap",
    means: { prot: "mmap_prot", flags: "mmap_flags", fd: "fd:s32", addr: "address", pgoff: "hex" },
    hooks: ["mmap_file"],
  },
  munmap: { classes: ["@memory"], means: { addr: "address" } },
  mremap: {
    classes: ["@memory"],
    means: { flags: "mremap_flags", addr: "address", new_addr: "address" },
  },
  mprotect: {
    classes: ["@memory"],
    variants: [via("pkey_mprotect", ["start", "len", "prot"])],
    means: { prot: "mmap_prot", start: "address" },
    hooks: ["file_mprotect"],
  },
  pkey_mprotect: { means: { prot: "mmap_prot", start: "address" } },
  madvise: { classes: ["@memory"], means: { behavior: "madvise", start: "address" }, ring: [] },
  process_madvise: { classes: ["@memory"], means: { behavior: "madvise" } },
  mlock: {
    classes: ["@memory"],
    variants: [via("mlock2", ["start", "len"])],
    means: { start: "address" },
  },
  mlock2: { means: { flags: "mlock_flags", start: "address" } },
  munlock: { classes: ["@memory"], means: { start: "address" } },
  mlockall: { classes: ["@memory"], means: { flags: "mlockall_flags" } },
  munlockall: { classes: ["@memory"] },
  mincore: { classes: ["@memory"], means: { start: "address" } },
  msync: { classes: ["@memory"], means: { flags: "msync_flags", start: "address" } },
  remap_file_pages: {
    classes: ["@memory"],
    means: { prot: "mmap_prot", flags: "mmap_flags", start: "address" },
  },
  mbind: {
    classes: ["@memory"],
    means: { mode: "memory_policy", flags: "memory_move_flags", start: "address" },
  },
  set_mempolicy: { classes: ["@memory"], means: { mode: "memory_policy" } },
  get_mempolicy: { classes: ["@memory"], means: { flags: "get_mempolicy_flags", addr: "address" } },
  migrate_pages: { classes: ["@memory"] },
  move_pages: { classes: ["@memory"], means: { flags: "page_move_flags" } },
  set_mempolicy_home_node: { classes: ["@memory"], means: { start: "address" } },
  pkey_alloc: { classes: ["@memory"], means: { init_val: "pkey_access" } },
  pkey_free: { classes: ["@memory"] },
  mseal: { classes: ["@memory"], means: { start: "address" } },
  map_shadow_stack: {
    classes: ["@memory"],
    means: { flags: "shadow_stack_flags", addr: "address" },
  },
  modify_ldt: { means: { ptr: "buffer:bytecount" } },
};
