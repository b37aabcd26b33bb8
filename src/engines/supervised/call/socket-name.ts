/**
 * What the address of a unix socket names, read as the kernel does (unix(7), net/unix/af_unix.c):
 * struct sockaddr_un { u16 family; char path[108] }, where the path ends at its first NUL or with the given length.
 */
import { AF_UNIX, FAMILY_SIZE, SOCKADDR_UN_SIZE } from "../../../base/linux-abi.ts";
import {
  type CallView,
  type PresentedParam,
  readMessageAddress,
  readSource,
  type ValueSource,
} from "../../../language/index.ts";

export type SocketName =
  /** No address, or none of a unix socket's name: the kernel uses no file. */
  | { readonly kind: "none" }
  | { readonly kind: "unreadable" }
  | { readonly kind: "abstract"; readonly name: Uint8Array }
  | { readonly kind: "file"; readonly path: Uint8Array };

/** UIO_MAXIOV: of more messages the kernel sends as many. */
const MOST_MESSAGES = 1024;

const NONE: SocketName = { kind: "none" };
const UNREADABLE: SocketName = { kind: "unreadable" };

/** The name in an address that parameter `at` leads to; of several messages that of the one that is looked at. */
export function readSocketName(
  call: CallView,
  at: number,
  { address }: PresentedParam,
): SocketName {
  const pointer = readMessageAddress(call, at);
  if (address === undefined || pointer === "absent") return NONE;
  if (pointer === "unreadable") return UNREADABLE;
  if (address.in === "sockaddr") return nameAt(call, pointer, numberIn(call, address.length));
  return nameInMessage(call, pointer);
}

/** How many messages the call sends: each has an address of its own. */
export function countMessages(call: CallView, { address }: PresentedParam): number {
  if (address?.in !== "mmsghdr") return 1;
  const count = numberIn(call, address.count) ?? 1;
  return Math.min(count >>> 0, MOST_MESSAGES);
}

function nameInMessage(call: CallView, header: bigint): SocketName {
  const word = call.wordSize;
  const bytes = call.readMemory(header, word + 4);
  if (bytes === undefined) return UNREADABLE;
  const view = Buffer.from(bytes);
  const name = word === 4 ? BigInt(view.readUInt32LE(0)) : view.readBigUInt64LE(0);
  return name === 0n ? NONE : nameAt(call, name, view.readInt32LE(word));
}

/** `length` undefined: it cannot be read. */
function nameAt(call: CallView, pointer: bigint, length: number | undefined): SocketName {
  if (length === undefined) return UNREADABLE;
  if (length <= FAMILY_SIZE || length > SOCKADDR_UN_SIZE) return NONE;
  const bytes = call.readMemory(pointer, length);
  if (bytes === undefined) return UNREADABLE;
  if (Buffer.from(bytes).readUInt16LE(0) !== AF_UNIX) return NONE;
  const text = bytes.subarray(FAMILY_SIZE);
  if (text[0] === 0) return { kind: "abstract", name: text.subarray(1) };
  const end = text.indexOf(0);
  return { kind: "file", path: end < 0 ? text : text.subarray(0, end) };
}

function numberIn(call: CallView, source: ValueSource): number | undefined {
  const value = readSource(call, source);
  return typeof value === "bigint" ? Number(BigInt.asIntN(32, value)) : undefined;
}
