/** Commands of network interfaces: struct ifreq, of which each uses another member. */
import type { CommandRows } from "../command.ts";
import type { Decoding } from "../context.ts";
import type { Piece, Show } from "../piece.ts";
import { numberForm, pointerTo, pointerToNumber, readNumber } from "../value/form.ts";
import { showInt } from "../value/number.ts";
import { formatSockaddrBytes } from "../value/sockaddr.ts";
import { showFlags } from "../value/symbol.ts";
import { quoteField } from "../value/text.ts";

const NAME_SIZE = 16;
const showInterfaceFlags = showFlags(
  `IFF_UP IFF_BROADCAST IFF_DEBUG IFF_LOOPBACK IFF_POINTOPOINT IFF_NOTRAILERS IFF_RUNNING IFF_NOARP IFF_PROMISC
  IFF_ALLMULTI IFF_MASTER IFF_SLAVE IFF_MULTICAST IFF_PORTSEL IFF_AUTOMEDIA IFF_DYNAMIC`,
  "IFF_???",
  { bits: 16 },
);

type Member = (call: Decoding, bytes: Uint8Array) => string;

const address =
  (name: string): Member =>
  (call, bytes) =>
    `${name}=${formatSockaddrBytes(call, bytes.subarray(NAME_SIZE, NAME_SIZE + 16))}`;
const int =
  (name: string): Member =>
  (_, bytes) =>
    `${name}=${readNumber(bytes, NAME_SIZE, 4, true)}`;
const text =
  (name: string): Member =>
  (call, bytes) =>
    `${name}=${quoteField(bytes.subarray(NAME_SIZE, 2 * NAME_SIZE), call.options)}`;
const flags: Member = (call, bytes) =>
  `ifr_flags=${showInterfaceFlags(call, readNumber(bytes, NAME_SIZE, 2))}`;

function request(member: Member): Show {
  return pointerTo({
    size: (call) => (call.word === 8 ? 40 : 32),
    format: (call, bytes) =>
      `{ifr_name=${quoteField(bytes.subarray(0, NAME_SIZE), call.options)}, ${member(call, bytes)}}`,
  });
}

const takes = (member: Member): { readonly pieces: readonly Piece[] } => ({
  pieces: [{ show: request(member), atExit: false }],
});
const gives = (member: Member): { readonly pieces: readonly Piece[] } => ({
  pieces: [{ show: request(member), atExit: true, separator: "late" }],
});
const intBehind = pointerToNumber(numberForm(4, showInt, true));

export const interfaceRows: CommandRows = {
  SIOCGIFADDR: gives(address("ifr_addr")),
  SIOCSIFADDR: takes(address("ifr_addr")),
  SIOCGIFDSTADDR: gives(address("ifr_dstaddr")),
  SIOCSIFDSTADDR: takes(address("ifr_dstaddr")),
  SIOCGIFBRDADDR: gives(address("ifr_broadaddr")),
  SIOCSIFBRDADDR: takes(address("ifr_broadaddr")),
  SIOCGIFNETMASK: gives(address("ifr_netmask")),
  SIOCSIFNETMASK: takes(address("ifr_netmask")),
  SIOCGIFFLAGS: gives(flags),
  SIOCSIFFLAGS: takes(flags),
  SIOCGIFMETRIC: gives(int("ifr_metric")),
  SIOCSIFMETRIC: takes(int("ifr_metric")),
  SIOCGIFMTU: gives(int("ifr_mtu")),
  SIOCSIFMTU: takes(int("ifr_mtu")),
  SIOCGIFTXQLEN: gives(int("ifr_qlen")),
  SIOCSIFTXQLEN: takes(int("ifr_qlen")),
  SIOCGIFINDEX: gives(int("ifr_ifindex")),
  SIOCSIFNAME: takes(text("ifr_newname")),
  SIOCGIFSLAVE: gives(text("ifr_slave")),
  SIOCSIFSLAVE: takes(text("ifr_slave")),
  "FIOGETOWN SIOCATMARK SIOCGPGRP SIOCOUTQNSD": {
    pieces: [{ show: intBehind, atExit: true, separator: "late" }],
  },
  "FIOSETOWN SIOCSPGRP": { pieces: [{ show: intBehind, atExit: false }] },
};
