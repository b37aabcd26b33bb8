/**
 * Asks the kernel for one TCP connection of this network namespace: sock_diag(7), a look-up by both ends that needs no
 * privilege and looks at no other socket. /proc/net/tcp would list all of them.
 */
import { Fd } from "./fd.ts";
import { syscall } from "./kernel.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";

// include/uapi/linux/netlink.h, sock_diag.h and inet_diag.h
const AF_NETLINK = 16;
/** SOCK_RAW, SOCK_NONBLOCK and SOCK_CLOEXEC. */
const RAW = 0x80803;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;
const AF_INET = 2;
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

/** Inode of the socket whose own end is `own`; undefined: there is none, or this kernel does not answer. */
export function tcpSocketInode(own: TcpEnd, peer: TcpEnd): number | undefined {
  const opened = syscall(NR.socket, AF_NETLINK, RAW, NETLINK_SOCK_DIAG);
  if (opened < 0) return undefined;
  using fd = new Fd(opened);
  using memory = Memory.allocate(ANSWER);
  const { view, bytes } = memory;
  view.setUint32(0, REQUEST, true);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
  view.setUint16(6, NLM_F_REQUEST, true);
  view.setUint8(HEADER + FAMILY, AF_INET);
  view.setUint8(HEADER + PROTOCOL, IPPROTO_TCP);
  view.setUint32(HEADER + STATES, 0xffff_ffff, true);
  view.setUint16(HEADER + SOURCE_PORT, own.port);
  view.setUint16(HEADER + SOURCE_PORT + 2, peer.port);
  bytes.set(own.address, HEADER + SOURCE);
  bytes.set(peer.address, HEADER + TARGET);
  view.setBigInt64(HEADER + COOKIE, -1n, true);
  // the kernel has answered when the call returns
  if (syscall(NR.write, fd.number, memory.address, REQUEST) !== REQUEST) return undefined;
  const length = syscall(NR.read, fd.number, memory.address, ANSWER);
  if (length < HEADER + INODE + 4 || view.getUint16(4, true) !== SOCK_DIAG_BY_FAMILY)
    return undefined;
  return view.getUint32(HEADER + INODE, true);
}
