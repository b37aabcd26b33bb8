/**
 * Asks the kernel for one socket of this network namespace: sock_diag(7), a look-up that needs no privilege and looks
 * at no other socket. A TCP connection is found by both ends, a socket of AF_UNIX by its inode. /proc/net would list
 * all of them, and has no peers of AF_UNIX.
 */
import { AF_INET, AF_NETLINK, AF_UNIX } from "../base/linux-abi.ts";
import { Fd } from "./fd.ts";
import { syscall } from "./kernel.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";

// include/uapi/linux/netlink.h, sock_diag.h and inet_diag.h
/** SOCK_RAW, SOCK_NONBLOCK and SOCK_CLOEXEC. */
const RAW = 0x80803;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;
const IPPROTO_TCP = 6;
const HEADER = 16;
const REQUEST = HEADER + 56;
/** In inet_diag_req_v2: ports, then addresses of 16 bytes, then a cookie that means none. */
const [FAMILY, PROTOCOL, STATES, SOURCE_PORT, SOURCE, TARGET, COOKIE] = [0, 1, 4, 8, 12, 28, 48];
/** Of the answer, behind its header: struct inet_diag_msg. */
const INODE = 68;
const ANSWER = 1024;

/** An end of a connection: four bytes of IPv4, and a port. */
export interface TcpEnd {
  readonly address: readonly [number, number, number, number];
  readonly port: number;
}

export interface UnixSocketState {
  /** Inode of the other end, where there is one. */
  readonly peer?: number;
  /** As it was bound; an abstract one begins with NUL. */
  readonly name?: Uint8Array;
}

// include/uapi/linux/unix_diag.h
const UNIX_REQUEST = HEADER + 24;
const [UNIX_STATES, UNIX_INODE, UNIX_SHOW, UNIX_COOKIE] = [4, 8, 12, 16];
const SHOW_NAME_AND_PEER = 5;
const UNIX_DIAG_NAME = 0;
const UNIX_DIAG_PEER = 2;
/** The answer's attributes stand behind struct unix_diag_msg. */
const UNIX_ATTRIBUTES = HEADER + 16;

/** Undefined: there is none in this network namespace, or this kernel does not answer. */
export function findUnixSocket(inode: number): UnixSocketState | undefined {
  using memory = Memory.allocate(ANSWER);
  const { view } = memory;
  view.setUint8(HEADER + FAMILY, AF_UNIX);
  view.setUint32(HEADER + UNIX_STATES, 0xffff_ffff, true);
  view.setUint32(HEADER + UNIX_INODE, inode, true);
  view.setUint32(HEADER + UNIX_SHOW, SHOW_NAME_AND_PEER, true);
  view.setBigInt64(HEADER + UNIX_COOKIE, -1n, true);
  const length = ask(memory, UNIX_REQUEST);
  return length < UNIX_ATTRIBUTES ? undefined : readUnixAttributes(memory, length);
}

function readUnixAttributes({ view, bytes }: Memory, length: number): UnixSocketState {
  let peer: number | undefined;
  let name: Uint8Array | undefined;
  for (let at = UNIX_ATTRIBUTES; at + 4 <= length; ) {
    const size = view.getUint16(at, true);
    if (size < 4 || at + size > length) break;
    const type = view.getUint16(at + 2, true);
    if (type === UNIX_DIAG_PEER && size >= 8) peer = view.getUint32(at + 4, true);
    if (type === UNIX_DIAG_NAME) name = bytes.slice(at + 4, at + size);
    at += (size + 3) & ~3;
  }
  return { ...(peer === undefined ? {} : { peer }), ...(name === undefined ? {} : { name }) };
}

/** Inode of the socket whose own end is `own`; undefined: there is none, or this kernel does not answer. */
export function tcpSocketInode(own: TcpEnd, peer: TcpEnd): number | undefined {
  using memory = Memory.allocate(ANSWER);
  const { view, bytes } = memory;
  view.setUint8(HEADER + FAMILY, AF_INET);
  view.setUint8(HEADER + PROTOCOL, IPPROTO_TCP);
  view.setUint32(HEADER + STATES, 0xffff_ffff, true);
  view.setUint16(HEADER + SOURCE_PORT, own.port);
  view.setUint16(HEADER + SOURCE_PORT + 2, peer.port);
  bytes.set(own.address, HEADER + SOURCE);
  bytes.set(peer.address, HEADER + TARGET);
  view.setBigInt64(HEADER + COOKIE, -1n, true);
  return ask(memory, REQUEST) < HEADER + INODE + 4
    ? undefined
    : view.getUint32(HEADER + INODE, true);
}

/** Sends the request of `size` bytes in `memory`, whose header it fills, and puts the answer there. Its bytes; 0: none. */
function ask({ view, address }: Memory, size: number): number {
  const opened = syscall(NR.socket, AF_NETLINK, RAW, NETLINK_SOCK_DIAG);
  if (opened < 0) return 0;
  using fd = new Fd(opened);
  view.setUint32(0, size, true);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
  view.setUint16(6, NLM_F_REQUEST, true);
  // the kernel has answered when the call returns
  if (syscall(NR.write, fd.number, address, size) !== size) return 0;
  const length = syscall(NR.read, fd.number, address, ANSWER);
  return view.getUint16(4, true) === SOCK_DIAG_BY_FAMILY ? length : 0;
}
