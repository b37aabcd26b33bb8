/** Sockets. */

import { S_IFSOCK } from "../../base/linux-abi.ts";
import { optionTypes } from "../command/socket-options.ts";
import { i386, socketcall, via } from "./notation.ts";
import { kindOfFile } from "./ring.ts";
import type { CallFamily } from "./row.ts";

export const socketsCalls: CallFamily = {
  socket: {
    classes: ["@network"],
    twins: [socketcall("SYS_SOCKET", [0, 1, 2])],
    means: { family: "address_family", type: "socket_type", protocol: "socket_protocol" },
    hooks: ["socket_create"],
    ring: [{ hook: "socket_create" }],
  },
  bind: {
    classes: ["@network"],
    twins: [socketcall("SYS_BIND", [0, 1, 2])],
    addresses: { umyaddr: { in: "sockaddr", size: "addrlen", creates: true } },
    hooks: ["socket_bind"],
    fileHooks: ["socket_bind", "path_mknod"],
    ring: [{ hook: "path_mknod", when: kindOfFile(S_IFSOCK) }, { hook: "socket_bind" }],
  },
  connect: {
    classes: ["@network"],
    twins: [socketcall("SYS_CONNECT", [0, 1, 2])],
    addresses: { uservaddr: { in: "sockaddr", size: "addrlen" } },
    hooks: ["socket_connect"],
    // the first one knows that it is no unix socket, or one without a file
    fileHooks: ["socket_connect", "unix_stream_connect", "unix_may_send"],
    ring: [{ hook: "socket_connect" }, { hook: "unix_stream_connect" }, { hook: "unix_may_send" }],
    otherWays: {
      others: ["sendto", "sendmsg", "sendmmsg"],
      condition: "with MSG_FASTOPEN",
      hint: "TCP fast open connects and sends at once: a rule on those calls can look at their flags",
      ofSockets: {
        condition: "with an address, on a datagram socket",
        hint: "`syscall_name = connect, sendto, sendmsg, sendmmsg` with the same PATH meets them",
      },
    },
  },
  listen: {
    classes: ["@network"],
    twins: [socketcall("SYS_LISTEN", [0, 1])],
    hooks: ["socket_listen"],
    ring: [{ hook: "socket_listen" }],
  },
  accept: {
    classes: ["@network"],
    variants: [via("accept4", ["fd", "upeer_sockaddr", "upeer_addrlen"])],
    twins: [socketcall("SYS_ACCEPT", [0, 1, 2])],
    hooks: ["socket_accept"],
    ring: "accept4",
  },
  accept4: {
    twins: [socketcall("SYS_ACCEPT4", [0, 1, 2, 3])],
    means: { flags: "socket_flags" },
    hooks: ["socket_accept"],
    ring: [{ hook: "socket_accept" }],
  },
  getsockname: {
    classes: ["@network"],
    twins: [socketcall("SYS_GETSOCKNAME", [0, 1, 2])],
    hooks: ["socket_getsockname"],
  },
  getpeername: {
    classes: ["@network"],
    twins: [socketcall("SYS_GETPEERNAME", [0, 1, 2])],
    hooks: ["socket_getpeername"],
  },
  socketpair: {
    classes: ["@network"],
    twins: [socketcall("SYS_SOCKETPAIR", [0, 1, 2, 3])],
    means: { family: "address_family", type: "socket_type", protocol: "socket_protocol" },
    hooks: ["socket_create"],
  },
  sendmsg: {
    classes: ["@network"],
    twins: [socketcall("SYS_SENDMSG", [0, 1, 2])],
    means: { flags: "msg_flags" },
    addresses: { msg: { in: "msghdr" } },
    data: { msg: {} },
    hooks: ["socket_sendmsg"],
    fileHooks: ["socket_sendmsg", "unix_may_send"],
    ring: [{ hook: "socket_sendmsg" }, { hook: "unix_may_send" }],
  },
  sendto: {
    classes: ["@network"],
    twins: [
      socketcall("SYS_SENDTO", [0, 1, 2, 3, 4, 5]),
      socketcall("SYS_SEND", [0, 1, 2, 3, 0n, 0n]),
    ],
    means: { buff: "buffer:len", flags: "msg_flags" },
    addresses: { addr: { in: "sockaddr", size: "addr_len" } },
    hooks: ["socket_sendmsg"],
    fileHooks: ["socket_sendmsg", "unix_may_send"],
    ring: [{ hook: "socket_sendmsg" }, { hook: "unix_may_send" }],
    otherWays: {
      others: ["sendmsg", "sendmmsg", "write"],
      hint: "name them too: text and addresses of messages are fields of a struct there",
    },
  },
  recvmsg: {
    classes: ["@network"],
    twins: [socketcall("SYS_RECVMSG", [0, 1, 2])],
    means: { flags: "msg_flags" },
    data: { msg: { isFilled: true } },
    hooks: ["socket_recvmsg"],
    ring: [{ hook: "socket_recvmsg" }],
  },
  recvfrom: {
    classes: ["@network"],
    twins: [
      socketcall("SYS_RECVFROM", [0, 1, 2, 3, 4, 5]),
      socketcall("SYS_RECV", [0, 1, 2, 3, 0n, 0n]),
    ],
    means: { ubuf: "filled:size", flags: "msg_flags" },
    hooks: ["socket_recvmsg"],
    ring: [{ hook: "socket_recvmsg" }],
  },
  sendmmsg: {
    classes: ["@network"],
    twins: [socketcall("SYS_SENDMMSG", [0, 1, 2, 3])],
    means: { flags: "msg_flags" },
    addresses: { mmsg: { in: "mmsghdr", size: "vlen" } },
    data: { mmsg: {} },
    hooks: ["socket_sendmsg"],
    fileHooks: ["socket_sendmsg", "unix_may_send"],
    repeatsHooks: true,
  },
  recvmmsg: {
    classes: ["@network"],
    twins: [
      socketcall("SYS_RECVMMSG", [0, 1, 2, 3, 4]),
      i386("recvmmsg_time64", ["fd", "mmsg", "vlen", "flags", "timeout"]),
    ],
    means: { flags: "msg_flags" },
    hooks: ["socket_recvmsg"],
  },
  recvmmsg_time64: {
    aliasOf: "recvmmsg",
    means: { flags: "msg_flags" },
    hooks: ["socket_recvmsg"],
  },
  shutdown: {
    classes: ["@network"],
    twins: [socketcall("SYS_SHUTDOWN", [0, 1])],
    means: { how: "shutdown_how" },
    hooks: ["socket_shutdown"],
    ring: [{ hook: "socket_shutdown" }],
  },
  setsockopt: {
    classes: ["@network"],
    twins: [socketcall("SYS_SETSOCKOPT", [0, 1, 2, 3, 4])],
    means: { optval: "buffer:optlen", level: "sockopt_level", optname: "sockopt_name" },
    typesBy: optionTypes,
    hooks: ["socket_setsockopt"],
    ring: [{ hook: "socket_setsockopt" }],
  },
  getsockopt: {
    classes: ["@network"],
    twins: [socketcall("SYS_GETSOCKOPT", [0, 1, 2, 3, 4])],
    means: { optval: "pointer", level: "sockopt_level", optname: "sockopt_name" },
    typesBy: optionTypes,
    hooks: ["socket_getsockopt"],
    ring: [{ hook: "socket_getsockopt" }],
  },
  socketcall: { means: { call: "socketcall" } },
};
