/**
 * What -yy puts behind a descriptor: protocol and addresses of sockets, numbers of devices, processes of pidfds. A socket
 * is asked itself: pidfd_getfd(2) gives us the same one for a moment (since 5.6).
 */

import { readFileSync, statSync } from "node:fs";
import { deviceNumbers } from "../../base/device-number.ts";
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_UNIX,
  S_IFMT,
  SOL_SOCKET,
} from "../../base/linux-abi.ts";
import { formatIPv4, formatIPv6, quote } from "../../decoding/index.ts";
import { findPrintedConstant, symbolSet } from "../../linux/index.ts";
import { findUnixSocket, Memory, NR, syscall, X64 } from "../../sys/index.ts";
import { descriptorPath } from "./task-view.ts";

/** Undefined: it is not open. */
export function descriptorDetails(tid: number, fd: number): string | undefined {
  const path = descriptorPath(tid, fd);
  if (path === undefined) return undefined;
  const inode = /^socket:\[(\d+)\]$/.exec(path)?.[1];
  if (inode !== undefined) return socketDetails(tid, fd, inode) ?? path;
  if (path.startsWith("/")) return path + deviceDetails(tid, fd);
  return path.includes("pidfd") ? (pidOf(tid, fd) ?? path) : path;
}

const KINDS: ReadonlyMap<bigint, string> = new Map([
  [0o020000n, "char"],
  [0o060000n, "block"],
]);

function deviceDetails(tid: number, fd: number): string {
  try {
    const { mode, rdev } = statSync(`/proc/${tid}/fd/${fd}`, { bigint: true });
    const kind = KINDS.get(mode & BigInt(S_IFMT));
    if (kind === undefined) return "";
    const { major, minor } = deviceNumbers(rdev);
    return `<${kind} ${major}:${minor}>`;
  } catch {
    return "";
  }
}

function pidOf(tid: number, fd: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${tid}/fdinfo/${fd}`, "latin1");
    const pid = /^Pid:\s*(-?\d+)$/m.exec(text)?.[1];
    return pid === undefined ? undefined : `pid:${pid}`;
  } catch {
    return undefined;
  }
}

function socketDetails(tid: number, fd: number, inode: string): string | undefined {
  const process = syscall(X64.pidfd_open, tid, 0);
  if (process < 0) return undefined;
  const socket = syscall(X64.pidfd_getfd, process, fd, 0);
  syscall(NR.close, process);
  if (socket < 0) return undefined;
  try {
    return describeSocket(socket, inode);
  } finally {
    syscall(NR.close, socket);
  }
}

const SO_TYPE = 3;
const SO_PROTOCOL = 38;
const SO_DOMAIN = 39;
const SOCK_STREAM = 1;
/** include/uapi/linux/in.h: those whose names strace has. */
const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [6, "TCP"],
  [17, "UDP"],
  [136, "UDPLITE"],
]);
const SOCK_RAW = 3;

function describeSocket(fd: number, inode: string): string | undefined {
  const domain = optionOf(fd, SO_DOMAIN);
  const type = optionOf(fd, SO_TYPE);
  if (domain === AF_UNIX) {
    return `${type === SOCK_STREAM ? "UNIX-STREAM" : "UNIX"}:[${unixText(inode)}]`;
  }
  const protocol = optionOf(fd, SO_PROTOCOL) ?? -1;
  if (domain === AF_NETLINK) return `NETLINK:[${netlinkText(fd, protocol) ?? inode}]`;
  if (domain !== AF_INET && domain !== AF_INET6) return undefined;
  const name = type === SOCK_RAW ? "RAW" : PROTOCOLS.get(protocol);
  if (name === undefined) return undefined;
  return `${name}${domain === AF_INET6 ? "v6" : ""}:[${internetText(fd, type === SOCK_RAW) ?? inode}]`;
}

function optionOf(fd: number, option: number): number | undefined {
  using value = Memory.allocate(4);
  using size = Memory.allocate(4);
  size.view.setUint32(0, 4, true);
  const result = syscall(NR.getsockopt, fd, SOL_SOCKET, option, value.address, size.address);
  return result < 0 ? undefined : value.view.getInt32(0, true);
}

/** struct sockaddr_storage */
const ADDRESS_SIZE = 128;

function addressOf(fd: number, call: number): Uint8Array | undefined {
  using address = Memory.allocate(ADDRESS_SIZE);
  using size = Memory.allocate(4);
  size.view.setUint32(0, ADDRESS_SIZE, true);
  return syscall(call, fd, address.address, size.address) < 0 ? undefined : address.bytes.slice();
}

/** `127.0.0.1:1->127.0.0.1:2`; undefined: it is not bound yet. The port of a raw socket is its protocol. */
function internetText(fd: number, isRaw: boolean): string | undefined {
  const own = addressOf(fd, X64.getsockname);
  if (own === undefined) return undefined;
  const bound = isRaw ? own.subarray(4, own[0] === AF_INET ? 8 : 24) : own.subarray(2, 4);
  if (bound.every((byte) => byte === 0)) return undefined;
  const peer = addressOf(fd, X64.getpeername);
  return peer === undefined ? endText(own) : `${endText(own)}->${endText(peer)}`;
}

const portOf = (address: Uint8Array): number => Buffer.from(address).readUInt16BE(2);

function endText(address: Uint8Array): string {
  const text =
    address[0] === AF_INET
      ? formatIPv4(address.subarray(4, 8))
      : `[${formatIPv6(address.subarray(8, 24))}]`;
  return `${text}:${portOf(address)}`;
}

/** `ROUTE:4711`; undefined: it is not bound yet. */
function netlinkText(fd: number, protocol: number): string | undefined {
  const address = addressOf(fd, X64.getsockname);
  const port = address === undefined ? 0 : Buffer.from(address).readUInt32LE(4);
  if (port === 0) return undefined;
  const names = symbolSet("netlink_protocol")?.choices ?? [];
  const name = names.find((one) => findPrintedConstant(one) === BigInt(protocol));
  return `${name?.replace("NETLINK_", "") ?? protocol}:${port}`;
}

/** `INODE->PEER,"/run/s"`; a name of the abstract space begins with `@`. Who is not accepted yet has a peer 0. */
function unixText(inode: string): string {
  const { peer = 0, name } = findUnixSocket(Number(inode)) ?? {};
  const ends = peer === 0 ? inode : `${inode}->${peer}`;
  if (name === undefined) return ends;
  const isAbstract = name[0] === 0;
  const end = name.indexOf(0, 1);
  const shown = isAbstract ? name.subarray(1) : name.subarray(0, end < 0 ? undefined : end);
  return `${ends},${isAbstract ? "@" : ""}${quote(shown, { hex: "none" })}`;
}
