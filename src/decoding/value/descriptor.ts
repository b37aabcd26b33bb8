/** Descriptors, with what they lead to where that is asked for. */
import type { Decoding } from "../context.ts";
import type { Show } from "../piece.ts";

export function showFd(call: Decoding, value: bigint): string {
  const fd = Number(BigInt.asIntN(32, value));
  if (call.options.descriptors === 0 || fd < 0) return String(fd);
  const about =
    (call.options.descriptors === 2 ? call.context.descriptorDetails?.(fd) : undefined) ??
    call.context.descriptor(fd);
  return about === undefined ? String(fd) : `${fd}<${about}>`;
}

const AT_FDCWD = -100;

/** A directory that names begin at. */
export const showDirfd: Show = (call, value) => {
  const fd = Number(BigInt.asIntN(32, value));
  if (fd !== AT_FDCWD) return showFd(call, value);
  const { constants, descriptors } = call.options;
  const name =
    constants === "abbrev" ? "AT_FDCWD" : constants === "raw" ? "-100" : "-100 /* AT_FDCWD */";
  const about = descriptors === 0 ? undefined : call.context.descriptor(fd);
  return about === undefined ? name : `${name}<${about}>`;
};
