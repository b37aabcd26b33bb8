/** What is known of files: stat and its like, times, rights, file systems. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Show } from "../piece.ts";
import { dateComment } from "../value/date.ts";
import { addressOf, fetchBytes, type MemoryForm, pointerTo, readNumber } from "../value/form.ts";
import { codedForm, type StructText } from "../value/member.ts";
import { formatPointer, showMode, showS64, showU64, showUlong } from "../value/number.ts";
import { showFlags, showSymbols } from "../value/symbol.ts";
import { timespec32, timespec64, timevalForm } from "../value/time.ts";

const KIND = 0o170000n;
const DEVICES: readonly bigint[] = [0o020000n, 0o060000n];

function statForm(layout: string, size: number): MemoryForm {
  return codedForm(layout, size, printStat);
}

function printStat(call: Decoding, text: StructText): string {
  const isWhole = !call.options.abbreviate;
  if (isWhole) text.add("st_dev", "device").add("st_ino", showUlong);
  text.add("st_mode", "file_mode");
  if (isWhole) {
    text.add("st_nlink", showUlong).add("st_uid", "uid").add("st_gid", "gid");
    text.add("st_blksize", showUlong).add("st_blocks", showUlong);
  }
  if (DEVICES.includes(text.value("st_mode") & KIND)) text.add("st_rdev", "device");
  else text.add("st_size", showS64);
  if (!isWhole) return text.addBare("...").end();
  for (const name of ["st_atime", "st_mtime", "st_ctime"]) addTime(call, text, name);
  return text.end();
}

function addTime(call: Decoding, text: StructText, name: string): void {
  const seconds = BigInt.asIntN(8 * call.word, text.value(name));
  const nanoseconds = text.value(`${name}_nsec`);
  text.addText(name, `${seconds}${dateComment(seconds, nanoseconds)}`);
  text.addText(`${name}_nsec`, String(nanoseconds));
}

const STATX = {
  type: 1n,
  mode: 2n,
  nlink: 4n,
  uid: 8n,
  gid: 16n,
  ino: 0x100n,
  size: 0x200n,
  blocks: 0x400n,
};
const STATX_TIMES = [
  ["atime", 32n],
  ["btime", 0x800n],
  ["ctime", 128n],
  ["mtime", 64n],
] as const;
const showAttributes = showFlags(
  `STATX_ATTR_COMPRESSED STATX_ATTR_IMMUTABLE STATX_ATTR_APPEND STATX_ATTR_NODUMP STATX_ATTR_ENCRYPTED
  STATX_ATTR_AUTOMOUNT STATX_ATTR_MOUNT_ROOT STATX_ATTR_VERITY STATX_ATTR_DAX`,
  "STATX_ATTR_???",
  { bits: 64 },
);
const showStatxFlags = showSymbols("statx_flags", "AT_STATX_???", { isSplit: true });
const showMask = showSymbols("statx_mask", "STATX_???");

const statxForm = codedForm("statx", 256, (call, text) => {
  const isWhole = !call.options.abbreviate;
  const mask = text.value("stx_mask");
  const has = (bits: bigint): boolean => (mask & bits) !== 0n;
  text.add("stx_mask", showMask);
  if (isWhole) text.add("stx_blksize");
  text.add("stx_attributes", showAttributes);
  if (isWhole) {
    if (has(STATX.nlink)) text.add("stx_nlink");
    if (has(STATX.uid)) text.add("stx_uid", "uid");
    if (has(STATX.gid)) text.add("stx_gid", "gid");
  }
  if (has(STATX.type | STATX.mode)) text.add("stx_mode", "file_mode");
  if (isWhole && has(STATX.ino)) text.add("stx_ino");
  if (has(STATX.size)) text.add("stx_size");
  if (!isWhole) return text.addBare("...").end();
  if (has(STATX.blocks)) text.add("stx_blocks");
  text.add("stx_attributes_mask", showAttributes);
  for (const [name, bit] of STATX_TIMES) {
    if (!has(bit)) continue;
    const seconds = text.value(`stx_${name}.tv_sec`);
    const nanoseconds = text.value(`stx_${name}.tv_nsec`);
    const comment = dateComment(seconds, nanoseconds);
    text.addText(`stx_${name}`, `{tv_sec=${seconds}, tv_nsec=${nanoseconds}}${comment}`);
  }
  for (const name of ["rdev_major", "rdev_minor", "dev_major", "dev_minor"])
    text.add(`stx_${name}`);
  text.add("stx_mnt_id");
  return text.end();
});

const stat = output(pointerTo(statForm("stat", 144)));
const stat64 = output(pointerTo(statForm("stat64", 96)));
const oldStat = output(pointerTo(statForm("stat", 64)));

/** Names of kinds of file systems are no constants of the headers that rules name. */
const statfs = output(
  pointerTo(codedForm("statfs", 120, (_, text, bytes) => printStatfs(text, bytes, 56))),
);
const statfs64 = output(
  pointerTo(codedForm("statfs64", 84, (_, text, bytes) => printStatfs(text, bytes, 48))),
);
const ST_VALID = 0x20n;

function printStatfs(text: StructText, bytes: Uint8Array, fsid: number): string {
  text.add("f_type", showFileSystem).add("f_bsize", showU64).add("f_blocks", showU64);
  text.add("f_bfree", showU64).add("f_bavail", showU64).add("f_files", showU64);
  text.add("f_ffree", showU64);
  const parts = [readNumber(bytes, fsid, 4), readNumber(bytes, fsid + 4, 4)];
  text.addText("f_fsid", `{val=[${parts.map((part) => formatHexPart(part)).join(", ")}]}`);
  text.add("f_namelen", showU64).add("f_frsize", showU64);
  if ((text.value("f_flags") & ST_VALID) !== 0n) text.add("f_flags", showStatfsFlags);
  return text.end();
}

const formatHexPart = (part: bigint): string => (part === 0n ? "0" : `0x${part.toString(16)}`);

/** Bits that statfs gives, in the order of the kernel. */
const STATFS_FLAGS: readonly (readonly [bigint, string])[] = [
  [0x20n, "ST_VALID"],
  [1n, "ST_RDONLY"],
  [2n, "ST_NOSUID"],
  [4n, "ST_NODEV"],
  [8n, "ST_NOEXEC"],
  [16n, "ST_SYNCHRONOUS"],
  [64n, "ST_MANDLOCK"],
  [0x400n, "ST_NOATIME"],
  [0x800n, "ST_NODIRATIME"],
  [0x1000n, "ST_RELATIME"],
  [0x2000n, "ST_NOSYMFOLLOW"],
];
const showStatfsFlags: Show = (_, value) => {
  const names = STATFS_FLAGS.filter(([bit]) => (value & bit) !== 0n);
  const rest = names.reduce((bits, [bit]) => bits & ~bit, value);
  return [...names.map(([, name]) => name), ...(rest === 0n ? [] : [formatHexPart(rest)])].join(
    "|",
  );
};
const fileSystems: ReadonlyMap<bigint, string> = new Map([
  [0xef53n, "EXT2_SUPER_MAGIC"],
  [0x01021994n, "TMPFS_MAGIC"],
  [0x9fa0n, "PROC_SUPER_MAGIC"],
  [0x62656572n, "SYSFS_MAGIC"],
  [0x58465342n, "XFS_SUPER_MAGIC"],
  [0x9123683en, "BTRFS_SUPER_MAGIC"],
  [0x794c7630n, "OVERLAYFS_SUPER_MAGIC"],
  [0x6969n, "NFS_SUPER_MAGIC"],
  [0x4d44n, "MSDOS_SUPER_MAGIC"],
  [0x65735546n, "FUSE_SUPER_MAGIC"],
  [0x27e0ebn, "CGROUP_SUPER_MAGIC"],
  [0x63677270n, "CGROUP2_SUPER_MAGIC"],
  [0x1cd1n, "DEVPTS_SUPER_MAGIC"],
  [0x64626720n, "DEBUGFS_MAGIC"],
  [0x74726163n, "TRACEFS_MAGIC"],
  [0xcafe4a11n, "BPF_FS_MAGIC"],
  [0x50495045n, "PIPEFS_MAGIC"],
  [0x534f434bn, "SOCKFS_MAGIC"],
  [0x9041934n, "ANON_INODE_FS_MAGIC"],
  [0x6e736673n, "NSFS_MAGIC"],
  [0x958458f6n, "HUGETLBFS_MAGIC"],
  [0x73717368n, "SQUASHFS_MAGIC"],
  [0x9660n, "ISOFS_SUPER_MAGIC"],
  [0x858458f6n, "RAMFS_MAGIC"],
  [0x73636673n, "SECURITYFS_MAGIC"],
  [0xf97cff8cn, "SELINUX_MAGIC"],
  [0x19800202n, "MQUEUE_MAGIC"],
  [0x1021997n, "V9FS_MAGIC"],
]);
const showFileSystem: Show = (_, value) =>
  fileSystems.get(BigInt.asUintN(32, value)) ?? formatHexPart(BigInt.asUintN(64, value));

/** In place of nanoseconds: the time of the call, or none. */
const special: ReadonlyMap<bigint, string> = new Map([
  [0x3fffffffn, "UTIME_NOW"],
  [0x3ffffffen, "UTIME_OMIT"],
]);

/** Times of access and change. */
function timesPair(seconds: 4 | 8): Show {
  const form = seconds === 8 ? timespec64 : timespec32;
  return (call, value) => {
    const address = addressOf(call, value);
    const bytes = fetchBytes(call, address, 4 * seconds);
    if (bytes === undefined) return formatPointer(address);
    const texts = [0, 1].map((i) => {
      const own = bytes.subarray(2 * i * seconds, 2 * (i + 1) * seconds);
      const nanoseconds = readNumber(own, seconds, seconds);
      const name = special.get(nanoseconds);
      if (name !== undefined && call.options.constants === "abbrev") return name;
      if (name !== undefined) {
        const text = form.format(call, own);
        return call.options.constants === "raw" ? text : `${text} /* ${name} */`;
      }
      const comment = dateComment(readNumber(own, 0, seconds, true), nanoseconds);
      return form.format(call, own) + comment;
    });
    return `[${texts.join(", ")}]`;
  };
}

const timevalPair: Show = (call, value) => {
  const address = addressOf(call, value);
  const bytes = fetchBytes(call, address, 4 * call.word);
  if (bytes === undefined) return formatPointer(address);
  const texts = [0, 1].map((i) => {
    const own = bytes.subarray(2 * i * call.word, 2 * (i + 1) * call.word);
    const comment = dateComment(
      readNumber(own, 0, call.word, true),
      1000n * readNumber(own, call.word, call.word),
    );
    return timevalForm.format(call, own) + comment;
  });
  return `[${texts.join(", ")}]`;
};

const showAccess = showSymbols("access_mode", "?_OK");

export const attributesDecoding: DecodingFamily = {
  stat: { by: { statbuf: stat } },
  lstat: { by: { statbuf: stat } },
  fstat: { by: { statbuf: stat } },
  newfstatat: { by: { statbuf: stat } },
  "stat/i386": { by: { statbuf: oldStat } },
  "lstat/i386": { by: { statbuf: oldStat } },
  "fstat/i386": { by: { statbuf: oldStat } },
  stat64: { by: { statbuf: stat64 } },
  lstat64: { by: { statbuf: stat64 } },
  fstat64: { by: { statbuf: stat64 } },
  fstatat64: { by: { statbuf: stat64 } },
  statx: {
    by: {
      buffer: output(pointerTo(statxForm)),
      mask: input(showMask),
      flags: input(showStatxFlags),
    },
  },
  statfs: { by: { buf: statfs } },
  fstatfs: { by: { buf: statfs } },
  statfs64: { by: { buf: statfs64 } },
  fstatfs64: { by: { buf: statfs64 } },
  utimensat: { by: { utimes: input(timesPair(8)) } },
  "utimensat/i386": { by: { utimes: input(timesPair(4)) } },
  utimensat_time64: { by: { utimes: input(timesPair(8)) } },
  utimes: { by: { utimes: input(timevalPair) } },
  futimesat: { by: { utimes: input(timevalPair) } },
  access: { by: { mode: input(showAccess) } },
  faccessat: { by: { mode: input(showAccess) } },
  mkdir: { by: { mode: input(showMode) } },
};
