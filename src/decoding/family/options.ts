/** getsockopt(2) and setsockopt(2) by level and name of the option. Most are a number. */
import { findPrintedConstant } from "../../linux/index.ts";
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Piece, type Show } from "../piece.ts";

import { formatInet4, formatIPv6 } from "../value/address.ts";
import { showSocketFilter } from "../value/bpf-filter.ts";
import { showFd } from "../value/descriptor.ts";
import { addressOf, numberForm, pointerTo, pointerToNumber, readNumber } from "../value/form.ts";
import { formatPointer, showInt, showUint } from "../value/number.ts";
import { formatError } from "../value/result.ts";
import { formatInterface } from "../value/sockaddr.ts";
import { showStruct } from "../value/struct.ts";
import { showSymbols } from "../value/symbol.ts";
import { formatBuffer } from "../value/text.ts";

const showLevel = showSymbols("sockopt_level", "SOL_??");
/** Names of options by level. */
const nameSets: ReadonlyMap<bigint, Show> = new Map([
  [1n, showSymbols("socket_option", "SO_???")],
  [0n, showSymbols("ip_option", "IP_???")],
  [41n, showSymbols("ipv6_option", "IPV6_???")],
  [6n, showSymbols("tcp_option", "TCP_???")],
  [17n, showSymbols("udp_option", "UDP_???")],
  [263n, showSymbols("packet_option", "PACKET_???")],
  [270n, showSymbols("netlink_option", "NETLINK_???")],
]);
const optionName: Piece = input((call, value) =>
  (nameSets.get(BigInt.asUintN(32, call.argument(1))) ?? showUint)(call, value),
);

const intBehind = pointerToNumber(numberForm(4, showInt, true));
const linger = showStruct("linger", "l_onoff l_linger");
const credentials = showStruct("ucred", "pid uid gid");
const errorBehind = pointerToNumber(
  numberForm(4, (_, value) =>
    value === 0n ? "0" : formatError(Number(value)).replace(/^-1 (\w+) .*$/, "$1"),
  ),
);
const membership: Show = pointerTo({
  size: () => 8,
  format: (call, bytes) =>
    `{${formatInet4(call, "imr_multiaddr", bytes.subarray(0, 4))}, ${formatInet4(call, "imr_interface", bytes.subarray(4, 8))}}`,
});
const membership6: Show = pointerTo({
  size: () => 20,
  format: (call, bytes) =>
    `{inet_pton(AF_INET6, "${formatIPv6(bytes.subarray(0, 16))}", &ipv6mr_multiaddr), ipv6mr_interface=${formatInterface(call, readNumber(bytes, 16, 4))}}`,
});

const INTS = `SO_DEBUG SO_REUSEADDR SO_DONTROUTE SO_BROADCAST SO_SNDBUF SO_RCVBUF SO_KEEPALIVE SO_OOBINLINE SO_NO_CHECK
  SO_PRIORITY SO_BSDCOMPAT SO_REUSEPORT SO_PASSCRED SO_RCVLOWAT SO_SNDLOWAT SO_ACCEPTCONN SO_SNDBUFFORCE
  SO_RCVBUFFORCE SO_PASSSEC SO_MARK SO_RXQ_OVFL SO_PEEK_OFF SO_LOCK_FILTER SO_BUSY_POLL SO_INCOMING_CPU SO_ZEROCOPY`;

interface OptionRow {
  readonly names: string;
  readonly show: Show;
  /** How many bytes it takes at least. */
  readonly least: number;
  readonly only?: "get" | "set";
}

const rows: readonly OptionRow[] = [
  { names: INTS, show: intBehind, least: 4 },
  { names: "SO_LINGER", show: linger, least: 8 },
  { names: "SO_PEERCRED", show: credentials, least: 12, only: "get" },
  { names: "SO_ERROR", show: errorBehind, least: 4, only: "get" },
  { names: "SO_ATTACH_FILTER", show: showSocketFilter, least: 8, only: "set" },
];
const ipRows: readonly OptionRow[] = [
  { names: "IP_ADD_MEMBERSHIP IP_DROP_MEMBERSHIP", show: membership, least: 8, only: "set" },
];
const ipv6Rows: readonly OptionRow[] = [
  { names: "IPV6_ADD_MEMBERSHIP IPV6_DROP_MEMBERSHIP", show: membership6, least: 20, only: "set" },
];
const levels: ReadonlyMap<bigint, readonly OptionRow[]> = new Map([
  [1n, rows],
  [0n, ipRows],
  [41n, ipv6Rows],
]);
let known: ReadonlyMap<string, OptionRow> | undefined;

function rowOf(call: Decoding, way: "get" | "set"): OptionRow | undefined {
  known ??= new Map(
    [...levels].flatMap(([level, own]) =>
      own.flatMap((row) =>
        row.names
          .split(/\s+/)
          .map((name) => [`${level}/${findPrintedConstant(name)}`, row] as const),
      ),
    ),
  );
  const [level, name] = [1, 2].map((i) => BigInt.asUintN(32, call.argument(i)));
  const row = known.get(`${level}/${name}`);
  return row?.only === undefined || row.only === way ? row : undefined;
}

function formatOption(call: Decoding, value: bigint, size: bigint, way: "get" | "set"): string {
  const address = addressOf(call, value);
  if (size <= 0n && way === "get") return formatPointer(address);
  const row = rowOf(call, way);
  if (row !== undefined && address !== 0n) {
    return size < BigInt(row.least) ? formatPointer(address) : row.show(call, value);
  }
  if (size === 4n) return intBehind(call, value);
  return size < 0n ? formatPointer(address) : formatBuffer(call, value, size);
}

const INT_SIZE = 4;

function readLength(call: Decoding, value: bigint): bigint | undefined {
  const address = addressOf(call, value);
  const bytes = address === 0n ? undefined : call.memory.read(address, INT_SIZE);
  return bytes === undefined || bytes.length < INT_SIZE ? undefined : readNumber(bytes, 0, 4, true);
}

const LENGTH = 4;
const asked: Piece = output((call, value) => {
  const room = call.kept?.[LENGTH] ?? "";
  const real = readLength(call, call.argument(LENGTH));
  if (room === "" || real === undefined || call.hasFailed) {
    return formatPointer(addressOf(call, value));
  }
  return BigInt(room) <= 0n
    ? formatPointer(addressOf(call, value))
    : formatOption(call, value, real, "get");
});
const askedLength: Piece = {
  ...output((call, value) => {
    const room = call.kept?.[LENGTH] ?? "";
    if (room === "") return formatPointer(addressOf(call, value));
    const real = readLength(call, value);
    if (call.hasFailed || real === undefined || String(real) === room) return `[${room}]`;
    return `[${room} => ${real}]`;
  }),
  keep: (call, value) => String(readLength(call, value) ?? ""),
};
const set: Piece = input((call, value) =>
  formatOption(call, value, BigInt.asIntN(32, call.argument(LENGTH)), "set"),
);
const head: readonly Piece[] = [input(showFd), input(showLevel), optionName];

export const optionsDecoding: DecodingFamily = {
  getsockopt: { pieces: [...head, asked, askedLength] },
  setsockopt: { pieces: [...head, set, input(showInt)] },
};
