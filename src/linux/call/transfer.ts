/** Reading and writing open files, and copying between them. */
import { i386, iovecs, via, x86_64 } from "./notation.ts";
import { READING, WRITING } from "./ring.ts";
import type { CallFamily } from "./row.ts";

const vector64 = iovecs("vec", "vlen", 8);
const vector32 = iovecs("vec", "vlen", 4);

export const transferCalls: CallFamily = {
  read: {
    variants: [
      via("pread64", ["fd", "buf", "count"]),
      x86_64("readv", ["fd", ...vector64]),
      x86_64("preadv", ["fd", ...vector64]),
      x86_64("preadv2", ["fd", ...vector64]),
      i386("readv", ["fd", ...vector32]),
      i386("preadv", ["fd", ...vector32]),
      i386("preadv2", ["fd", ...vector32]),
    ],
    means: { buf: "filled:count" },
    hooks: ["file_permission"],
    ring: [{ hook: "file_permission", when: READING }],
    aio: true,
  },
  pread64: {
    twins: [i386("pread64", ["fd", "buf", "count", "pos_lo"])],
    means: { buf: "filled:count" },
    hooks: ["file_permission"],
    ring: [{ hook: "file_permission", when: READING }],
    aio: true,
  },
  readv: {
    variants: [via("preadv", ["fd", "vec", "vlen"]), via("preadv2", ["fd", "vec", "vlen"])],
    data: { vec: { count: "vlen", isFilled: true } },
    hooks: ["file_permission"],
    ring: [{ hook: "file_permission", when: READING }],
    aio: true,
  },
  preadv: {
    variants: [via("preadv2", ["fd", "vec", "vlen", "pos_l", "pos_h"])],
    data: { vec: { count: "vlen", isFilled: true } },
    hooks: ["file_permission"],
    ring: [{ hook: "file_permission", when: READING }],
    aio: true,
  },
  preadv2: {
    means: { flags: "rwf_flags" },
    data: { vec: { count: "vlen", isFilled: true } },
    hooks: ["file_permission"],
    ring: [{ hook: "file_permission", when: READING }],
    aio: true,
  },
  write: {
    variants: [
      via("pwrite64", ["fd", "buf", "count"]),
      x86_64("writev", ["fd", ...vector64]),
      x86_64("pwritev", ["fd", ...vector64]),
      x86_64("pwritev2", ["fd", ...vector64]),
      i386("writev", ["fd", ...vector32]),
      i386("pwritev", ["fd", ...vector32]),
      i386("pwritev2", ["fd", ...vector32]),
    ],
    means: { buf: "buffer:count" },
    hooks: ["file_permission"],
    ring: [{ hook: "file_permission", when: WRITING }],
    aio: true,
    otherWays: {
      others: ["sendfile", "copy_file_range", "splice", "vmsplice", "tee", "mmap"],
      hint: "a rule on `open` decides who has the file; these copy inside the kernel, or into memory that is the file",
    },
  },
  pwrite64: {
    twins: [i386("pwrite64", ["fd", "buf", "count", "pos_lo"])],
    means: { buf: "buffer:count" },
    hooks: ["file_permission"],
    ring: [{ hook: "file_permission", when: WRITING }],
    aio: true,
  },
  writev: {
    variants: [via("pwritev", ["fd", "vec", "vlen"]), via("pwritev2", ["fd", "vec", "vlen"])],
    data: { vec: { count: "vlen" } },
    hooks: ["file_permission"],
    ring: [{ hook: "file_permission", when: WRITING }],
    aio: true,
  },
  pwritev: {
    variants: [via("pwritev2", ["fd", "vec", "vlen", "pos_l", "pos_h"])],
    data: { vec: { count: "vlen" } },
    hooks: ["file_permission"],
    ring: [{ hook: "file_permission", when: WRITING }],
    aio: true,
  },
  pwritev2: {
    means: { flags: "rwf_flags" },
    data: { vec: { count: "vlen" } },
    hooks: ["file_permission"],
    ring: [{ hook: "file_permission", when: WRITING }],
    aio: true,
  },
  sendfile: {
    twins: [i386("sendfile64", ["out_fd", "in_fd", "offset", "count"])],
    hooks: ["file_permission"],
  },
  sendfile64: { aliasOf: "sendfile", hooks: ["file_permission"] },
  splice: { means: { flags: "splice_flags" }, hooks: ["file_permission"], ring: [] },
  tee: { means: { flags: "splice_flags" }, ring: [] },
  vmsplice: { means: { flags: "splice_flags" } },
  copy_file_range: { hooks: ["file_permission"] },
  getdents: {
    variants: [via("getdents64", ["fd", "dirent", "count"])],
    twins: [i386("readdir", ["fd", "dirent", "count"])],
    means: { dirent: "filled:count" },
    hooks: ["file_permission"],
  },
  getdents64: { means: { dirent: "filled:count" }, hooks: ["file_permission"] },
  readdir: { aliasOf: "getdents" },
  fsync: { ring: [], aio: true },
  fdatasync: { ring: [], aio: true },
  sync_file_range: {
    twins: [i386("sync_file_range", ["fd", "offset_lo", "nbytes_lo", "flags"])],
    means: { flags: "sync_file_range_flags" },
    ring: [],
  },
  fallocate: {
    twins: [i386("fallocate", ["fd", "mode", "offset_lo", "len_lo"])],
    means: { mode: "fallocate_mode" },
    hooks: ["file_permission"],
    ring: [],
  },
  fadvise64: {
    twins: [
      i386("fadvise64", ["fd", "offset_lo", "len", "advice"]),
      i386("fadvise64_64", ["fd", "offset_lo", "len_lo", "advice"]),
    ],
    means: { advice: "fadvise" },
    ring: [],
  },
  fadvise64_64: { means: { advice: "fadvise" }, ring: [] },
  readahead: { twins: [i386("readahead", ["fd", "offset_lo", "count"])] },
};
