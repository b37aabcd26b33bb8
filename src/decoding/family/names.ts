/** Names of files: mounts, attributes beside the data, handles, notifications. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Piece, type Show } from "../piece.ts";
import { showDirfd, showFd } from "../value/descriptor.ts";
import { showDevice, showFileMode } from "../value/file-mode.ts";
import { addressOf } from "../value/form.ts";
import { formatOctal, formatPointer, showInt, showUlong } from "../value/number.ts";
import { showSymbols } from "../value/symbol.ts";
import { formatBuffer, showPath, showString } from "../value/text.ts";

const path = input(showPath);
const REMOUNT = 32n;
/** Bind, move, shared, private, slave, unbindable. */
const MOVES = 0x1000n | 0x2000n | 0x100000n | 0x40000n | 0x80000n | 0x20000n;
const MAGIC_MASK = 0xffff0000n;
const MAGIC = 0xc0ed0000n;
const showMountFlags = showSymbols("mount_flags", "MS_???", { bits: 64 });

const mountFlags = (call: Decoding): bigint => {
  const flags = call.argument(3);
  return (flags & MAGIC_MASK) === MAGIC ? flags & ~MAGIC_MASK : flags;
};
const unlessMoved = (bits: bigint): Piece =>
  input((call, value) =>
    (mountFlags(call) & bits) === 0n
      ? showString(call, value)
      : formatPointer(addressOf(call, value)),
  );
const flagsOfMount: Piece = input((call, value) => {
  const flags = mountFlags(call);
  if (flags === value) return showMountFlags(call, flags);
  return flags === 0n ? "MS_MGC_VAL" : `MS_MGC_VAL|${showMountFlags(call, flags)}`;
});

const LARGEST_ATTRIBUTE = 65536n;

/** A trailing NUL is part of many values, and not shown. */
function formatAttribute(call: Decoding, value: bigint, size: bigint): string {
  if (size > LARGEST_ATTRIBUTE || call.hasFailed) return formatPointer(addressOf(call, value));
  const last = size > 0n ? call.memory.read(addressOf(call, value) + size - 1n, 1)?.[0] : undefined;
  const isWhole = size <= BigInt(call.options.stringLimit) && call.options.hex === "none";
  return formatBuffer(call, value, last === 0 && isWhole ? size - 1n : size);
}

const givenAttribute: Piece = input((call, value) =>
  formatAttribute(call, value, call.argument(3)),
);
const gotAttribute: Piece = output((call, value) => formatAttribute(call, value, call.ret));
const attributeList: Piece = output((call, value) =>
  call.argument(2) === 0n || call.hasFailed
    ? formatPointer(addressOf(call, value))
    : formatBuffer(call, value, call.ret),
);
const showAttributeFlags = input(showSymbols("xattr_flags", "XATTR_???"));
const name = input(showString);
const size = input(showUlong);
const setTail: readonly Piece[] = [name, givenAttribute, size, showAttributeFlags];
const getTail: readonly Piece[] = [name, gotAttribute, size];
const listTail: readonly Piece[] = [attributeList, size];
const fd = input(showFd);

const KIND = 0o170000n;
const DEVICES: readonly bigint[] = [0o020000n, 0o060000n];
/** The number counts for devices alone. */
const device = (mode: number): Piece => ({
  ...input((call, value) => showDevice(call, BigInt.asUintN(32, value))),
  shown: (call) => DEVICES.includes(call.argument(mode) & KIND),
});
const showMask: Show = (_, value) => formatOctal(BigInt.asUintN(32, value));

export const namesDecoding: DecodingFamily = {
  mount: { pieces: [path, path, unlessMoved(REMOUNT | MOVES), flagsOfMount, unlessMoved(MOVES)] },
  setxattr: { pieces: [path, ...setTail] },
  lsetxattr: { pieces: [path, ...setTail] },
  fsetxattr: { pieces: [fd, ...setTail] },
  getxattr: { pieces: [path, ...getTail] },
  lgetxattr: { pieces: [path, ...getTail] },
  fgetxattr: { pieces: [fd, ...getTail] },
  listxattr: { pieces: [path, ...listTail] },
  llistxattr: { pieces: [path, ...listTail] },
  flistxattr: { pieces: [fd, ...listTail] },
  removexattr: { pieces: [path, name] },
  lremovexattr: { pieces: [path, name] },
  fremovexattr: { pieces: [fd, name] },
  mknod: { pieces: [path, input(showFileMode), device(1)] },
  mknodat: { pieces: [input(showDirfd), path, input(showFileMode), device(2)] },
  umask: { pieces: [input(showMask)], result: showMask },
  inotify_add_watch: {
    pieces: [fd, path, input(showSymbols("inotify_mask", "IN_???"))],
  },
  inotify_rm_watch: { pieces: [fd, input(showInt)] },
};
