/** Names of the values that calls about sockets take. */
import { choice, choiceOf, flags, flagsOf, named, type SymbolSets, words } from "./notation.ts";

export const socketSets: SymbolSets = {
  address_family: () => choiceOf("sys/socket.h", /^AF_(?!LOCAL|FILE|ROUTE|MAX)/),
  socket_type: () => ({
    choices: words("SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET SOCK_DCCP SOCK_PACKET"),
    mask: 15n,
    flags: words("SOCK_CLOEXEC SOCK_NONBLOCK"),
  }),
  socket_flags: () => flags("SOCK_CLOEXEC SOCK_NONBLOCK"),
  ip_protocol: () => choiceOf("linux/in.h", /^IPPROTO_(?!MAX)/),
  shutdown_how: () => choiceOf("sys/socket.h", /^SHUT_/),
  ethernet_protocol: () => choiceOf("linux/if_ether.h", /./),
  netlink_protocol: () => choiceOf("linux/netlink.h", /^NETLINK_(?!UNUSED|INET_DIAG|FIREWALL)/),
  sockopt_level: () => choiceOf("sys/socket.h", /^SOL_/),
  socket_option: () => choiceOf("sys/socket.h", /^SO_(?!DETACH_BPF|GET_FILTER)/),
  ip_option: () => ({
    choices: [
      ...named("linux/in.h", /^IP_(?!DEFAULT|PMTUDISC|RECVRETOPTS|RECVORIG)/),
      ...named("linux/in.h", /^MCAST_(?!EXCLUDE|INCLUDE)/),
    ],
  }),
  ipv6_option: () =>
    choiceOf(
      "linux/in6.h",
      /^IPV6_(?!TLV|FL_|PREFER|PMTUDISC|FLOWINFO_(FLOW|PRIO)|PRIORITY|RECVORIG)/,
    ),
  tcp_option: () =>
    choiceOf(
      "linux/tcp.h",
      /^TCP_(?!MSS_|REPAIR_O(N|FF)|MD5SIG_(MAX|FLAG)|RECEIVE|FLAG|RESERVED|DATA|NO_|RECV_|SEND_|QUEUES|CA_|NLA_|CM_)/,
    ),
  udp_option: () =>
    choice("UDP_CORK UDP_ENCAP UDP_NO_CHECK6_TX UDP_NO_CHECK6_RX UDP_SEGMENT UDP_GRO"),
  packet_option: () =>
    choiceOf(
      "linux/if_packet.h",
      /^PACKET_(?!(HOST|BROADCAST|MULTICAST|OTHERHOST|OUTGOING|LOOPBACK|USER|KERNEL|FASTROUTE)$|MR_|FANOUT_)/,
    ),
  netlink_option: () =>
    choiceOf(
      "linux/netlink.h",
      /^NETLINK_((ADD|DROP)_MEMBERSHIP|PKTINFO|BROADCAST_ERROR|NO_ENOBUFS|[RT]X_RING|LISTEN_ALL_NSID|LIST_MEMBERSHIPS|CAP_ACK|EXT_ACK|GET_STRICT_CHK)$/,
    ),
  msg_flags: () => flagsOf("sys/socket.h", /^MSG_(?!TRYHARD)/),
  socketcall: () => choiceOf("linux/net.h", /^SYS_/),
  // the upper half is a version
  ipccall: () => ({ choices: named("linux/ipc.h", /^(SEM|MSG|SHM)/), mask: 0xffffn }),
};
