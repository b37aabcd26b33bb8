/** FD[n].member: what the descriptor in a parameter stands for. */
import { AT_FDCWD } from "../../base/linux-abi.ts";
import type { DescriptorNumber } from "../../variables/index.ts";
import type { CallView, OpenFile } from "../call-view.ts";
import { type Missing, plainAddress } from "./read-bytes.ts";

/** What is open at the number in parameter `index`, `value` as read from there. Absent: nothing is. */
export function openFileAt(
  call: CallView,
  index: number,
  value: bigint | Missing,
): OpenFile | Missing {
  if (typeof value !== "bigint") return value;
  const fd = Number(BigInt.asIntN(32, value));
  const isDirectory = call.presentation.params[index - 1]?.type.semantic === "dirfd";
  if (fd < 0 && !(isDirectory && fd === AT_FDCWD)) return "absent";
  return orMissing(call.openFile?.(fd));
}

/** A member that is not there. */
export function orMissing<T>(value: T | null | undefined): T | Missing {
  return value === null ? "absent" : (value ?? "unreadable");
}

export function descriptorNumber(
  file: OpenFile | Missing,
  member: DescriptorNumber,
): bigint | Missing {
  if (typeof file === "string") return file;
  if (member === "flags") return orMissing(file.flags);
  const peer = orMissing(file.peer);
  return typeof peer === "string" ? peer : BigInt(peer.port);
}

/** 4 or 16 bytes; an IPv4 address in IPv6 (::ffff:a.b.c.d) is the IPv4 address. */
export function peerAddress(file: OpenFile | Missing): Uint8Array | Missing {
  if (typeof file === "string") return file;
  const peer = orMissing(file.peer);
  return typeof peer === "string" ? peer : plainAddress(peer.address);
}
