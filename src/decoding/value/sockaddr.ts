/** Addresses of sockets, a row for each family. */
import type { Decoding } from "../context.ts";
import { formatInet4, formatInet6, formatPort, inStyle } from "./address.ts";
import { addressOf, fetchBytes, readBig, readNumber } from "./form.ts";
import { formatHex, formatPointer, showInt } from "./number.ts";
import { showChoice, showFlags, showSymbols } from "./symbol.ts";
import { quote } from "./text.ts";

/** Larger ones the kernel does not take. */
const LARGEST = 128;
const HEAD = 2;

const showFamily = showSymbols("address_family", "AF_???");
const showEthernet = showSymbols("ethernet_protocol", "ETH_P_???");
const showHardware = showChoice(
  "ARPHRD_NETROM ARPHRD_ETHER ARPHRD_PPP ARPHRD_LOOPBACK ARPHRD_TUNNEL ARPHRD_NONE",
  "ARPHRD_???",
);
const showPacketType = showChoice(
  "PACKET_HOST PACKET_BROADCAST PACKET_MULTICAST PACKET_OTHERHOST PACKET_OUTGOING PACKET_LOOPBACK",
  "PACKET_???",
);
const showVsockId = showChoice(
  "VMADDR_CID_ANY VMADDR_CID_HYPERVISOR VMADDR_CID_LOCAL VMADDR_CID_HOST",
  "",
);
const showVsockPort = showChoice("VMADDR_PORT_ANY", "");
const showVsockFlags = showFlags("VMADDR_FLAG_TO_HOST", "VMADDR_FLAG_???");

interface FamilyRow {
  /** With fewer bytes the data is printed as it is. */
  readonly least: number;
  /** All but the family; `bytes` are 128 of which `length` count. */
  print(call: Decoding, bytes: Uint8Array, length: number): string;
}

const families: ReadonlyMap<number, FamilyRow> = new Map<number, FamilyRow>([
  [1, { least: 3, print: printUnix }],
  [
    2,
    {
      least: 16,
      print: (call, bytes) =>
        `sin_port=${formatPort(call, bytes.subarray(2))}, ${formatInet4(call, "sin_addr", bytes.subarray(4, 8))}`,
    },
  ],
  [10, { least: 24, print: printInet6 }],
  [16, { least: 12, print: printNetlink }],
  [17, { least: 12, print: printPacket }],
  [38, { least: 65, print: printAlgorithm }],
  [40, { least: 16, print: printVsock }],
  [
    42,
    {
      least: 12,
      print: (_, bytes) =>
        `sq_node=${formatHex(readNumber(bytes, 4, 4))}, sq_port=${formatHex(readNumber(bytes, 8, 4))}`,
    },
  ],
]);

function printUnix(call: Decoding, bytes: Uint8Array, length: number): string {
  const size = Math.min(length, 110) - HEAD;
  const path = bytes.subarray(HEAD, HEAD + size);
  if (path[0] === 0) return `sun_path=@${quote(path.subarray(1), call.options)}`;
  const end = path.indexOf(0);
  return `sun_path=${quote(end < 0 ? path : path.subarray(0, end), call.options)}`;
}

/** Without the scope, which the first programs did not know. */
const SHORT_INET6 = 24;

function printInet6(call: Decoding, bytes: Uint8Array, length: number): string {
  const flow = bytes.subarray(4, 8);
  const parts = [
    `sin6_port=${formatPort(call, bytes.subarray(2))}`,
    `sin6_flowinfo=${inStyle(call, flow, `htonl(${readBig(flow, 0, 4)})`)}`,
    formatInet6(call, "sin6_addr", bytes.subarray(8, 24)),
  ];
  if (length <= SHORT_INET6) return parts.join(", ");
  const scope = readNumber(bytes, 24, 4);
  const isLocal =
    (bytes[8] === 0xfe && ((bytes[9] ?? 0) & 0xc0) === 0x80) ||
    (bytes[8] === 0xff && ((bytes[9] ?? 0) & 0x0f) === 2);
  parts.push(`sin6_scope_id=${isLocal ? formatInterface(call, scope) : scope}`);
  return parts.join(", ");
}

/** `if_nametoindex("eth0")`, or the number where its name is not known. */
export function formatInterface(call: Decoding, index: bigint): string {
  const name = call.context.interfaceName?.(Number(index));
  return name === undefined ? String(index) : `if_nametoindex("${name}")`;
}

function printNetlink(call: Decoding, bytes: Uint8Array): string {
  const pad = readNumber(bytes, 2, 2);
  const pid = showInt(call, readNumber(bytes, 4, 4, true));
  const groups = formatWide(readNumber(bytes, 8, 4));
  const head = pad === 0n ? "" : `nl_pad=${formatHex(pad)}, `;
  return `${head}nl_pid=${pid}, nl_groups=${groups}`;
}

/** Eight characters at least, the prefix among them, which 0 does not have. */
const formatWide = (value: bigint): string =>
  value === 0n ? "00000000" : `0x${value.toString(16).padStart(6, "0")}`;

function printPacket(call: Decoding, bytes: Uint8Array, length: number): string {
  const protocol = bytes.subarray(2, 4);
  const name = showEthernet(call, BigInt(readBig(protocol, 0, 2)));
  const size = bytes[11] ?? 0;
  const parts = [
    `sll_protocol=${inStyle(call, protocol, `htons(${name})`)}`,
    `sll_ifindex=${formatInterface(call, readNumber(bytes, 4, 4))}`,
    `sll_hatype=${showHardware(call, readNumber(bytes, 8, 2))}`,
    `sll_pkttype=${showPacketType(call, BigInt(bytes[10] ?? 0))}`,
    `sll_halen=${size}`,
  ];
  if (size === 0) return parts.join(", ");
  const there = Math.max(0, Math.min(size, length - 12));
  const texts = [...bytes.subarray(12, 12 + there)].map(formatByte);
  if (there < size) texts.push("...");
  return `${parts.join(", ")}, sll_addr=[${texts.join(", ")}]`;
}

const formatByte = (byte: number): string => (byte === 0 ? "00" : `0x${byte.toString(16)}`);

function printAlgorithm(call: Decoding, bytes: Uint8Array, length: number): string {
  const text = (from: number, to: number): string => {
    const field = bytes.subarray(from, to);
    const end = field.indexOf(0);
    return quote(end < 0 ? field : field.subarray(0, end), call.options);
  };
  const [feat, mask] = [16, 20].map((at) => formatHex(readNumber(bytes, at, 4)));
  return `salg_type=${text(2, 16)}, salg_feat=${feat}, salg_mask=${mask}, salg_name=${text(24, length)}`;
}

function printVsock(call: Decoding, bytes: Uint8Array): string {
  const port = showVsockPort(call, readNumber(bytes, 4, 4));
  const cid = showVsockId(call, readNumber(bytes, 8, 4));
  const flags = showVsockFlags(call, readNumber(bytes, 12, 1));
  return `svm_cid=${cid}, svm_port=${port}, svm_flags=${flags}`;
}

/** `{sa_family=AF_INET, sin_port=htons(80), …}` of bytes that are at hand. */
export function formatSockaddrBytes(call: Decoding, given: Uint8Array): string {
  const { length } = given;
  const bytes = new Uint8Array(LARGEST + 1);
  bytes.set(given);
  const family = Number(readNumber(bytes, 0, 2));
  const name = `{sa_family=${showFamily(call, BigInt(family))}`;
  if (length <= HEAD) return `${name}}`;
  const row = families.get(family);
  if (row !== undefined && length >= row.least)
    return `${name}, ${row.print(call, bytes, length)}}`;
  return `${name}, sa_data=${quote(bytes.subarray(HEAD, length), call.options)}}`;
}

/** The address behind a pointer, of `length` bytes; less than a family says nothing. */
export function formatSockaddr(call: Decoding, value: bigint, length: bigint): string {
  const address = addressOf(call, value);
  const size = Number(BigInt.asIntN(32, length));
  if (size < HEAD) return formatPointer(address);
  const bytes = fetchBytes(call, address, Math.min(size, LARGEST));
  return bytes === undefined ? formatPointer(address) : formatSockaddrBytes(call, bytes);
}
