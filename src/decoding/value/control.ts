/** Control messages: descriptors, credentials and times that come beside the data of a socket. */
import { findPrintedConstant } from "../../linux/index.ts";
import type { Decoding } from "../context.ts";
import { formatInet4 } from "./address.ts";
import { showFd } from "./descriptor.ts";
import { addressOf, readNumber } from "./form.ts";
import { formatHex, formatPointer, showId, showInt } from "./number.ts";
import { formatInterface, formatSockaddrBytes } from "./sockaddr.ts";
import { showChoice, showSymbols } from "./symbol.ts";
import { quote } from "./text.ts";
import { timespec64, timevalForm } from "./time.ts";

/** More than the kernel takes. */
const LARGEST = 1 << 17;
const showLevel = showSymbols("sockopt_level", "SOL_???");
const showSocketType = showChoice(
  `SCM_RIGHTS SCM_CREDENTIALS SCM_SECURITY SO_TIMESTAMP_OLD SO_TIMESTAMPNS_OLD SO_TIMESTAMPING_OLD SO_TIMESTAMP_NEW
  SO_TIMESTAMPNS_NEW SO_TIMESTAMPING_NEW`,
  "SCM_???",
);
const showIpType = showChoice(
  "IP_TOS IP_TTL IP_RETOPTS IP_PKTINFO IP_PKTOPTIONS IP_MTU_DISCOVER IP_RECVERR IP_RECVTTL IP_RECVTOS IP_ORIGDSTADDR IP_CHECKSUM",
  "IP_???",
);
const SOL_SOCKET = 1n;
const SOL_IP = 0n;

interface DataRow {
  readonly least: number;
  print(call: Decoding, data: Uint8Array): string;
}

const numbers = (data: Uint8Array): readonly bigint[] =>
  Array.from({ length: Math.floor(data.length / 4) }, (_, i) => readNumber(data, 4 * i, 4));

const rights: DataRow = {
  least: 4,
  print: (call, data) =>
    `[${numbers(data)
      .map((fd) => showFd(call, fd))
      .join(", ")}]`,
};
const credentials: DataRow = {
  least: 12,
  print(call, data) {
    const [pid = 0n, uid = 0n, gid = 0n] = numbers(data);
    return `{pid=${showInt(call, pid)}, uid=${showId(call, uid)}, gid=${showId(call, gid)}}`;
  },
};
const label: DataRow = { least: 1, print: (call, data) => quote(data, call.options) };
const timeval: DataRow = {
  least: 1,
  print: (call, data) => (data.length < 2 * call.word ? "???" : timevalForm.format(call, data)),
};
const timespec: DataRow = {
  least: 1,
  print: (call, data) => (data.length < 16 ? "???" : timespec64.format(call, data)),
};
const timespecs: DataRow = {
  least: 1,
  print(call, data) {
    if (data.length < 48) return "???";
    const texts = [0, 16, 32].map((at) => timespec64.format(call, data.subarray(at, at + 16)));
    return `[${texts.join(", ")}]`;
  },
};
const wordsRow: DataRow = { least: 4, print: (_, data) => `[${numbers(data).join(", ")}]` };
const bytesRow: DataRow = {
  least: 1,
  print: (_, data) => `[${[...data].map((byte) => formatHex(BigInt(byte))).join(", ")}]`,
};
const packetInfo: DataRow = {
  least: 12,
  print(call, data) {
    const index = formatInterface(call, readNumber(data, 0, 4));
    const local = formatInet4(call, "ipi_spec_dst", data.subarray(4, 8));
    return `{ipi_ifindex=${index}, ${local}, ${formatInet4(call, "ipi_addr", data.subarray(8, 12))}}`;
  },
};
const originalAddress: DataRow = {
  least: 16,
  print: (call, data) => formatSockaddrBytes(call, data.subarray(0, 128)),
};

const byName = (rows: Readonly<Record<string, DataRow>>): ReadonlyMap<bigint, DataRow> =>
  new Map(
    Object.entries(rows).flatMap(([name, row]) => {
      const value = findPrintedConstant(name);
      return value === undefined ? [] : [[value, row] as const];
    }),
  );
let tables: ReadonlyMap<bigint, ReadonlyMap<bigint, DataRow>> | undefined;

function makeTables(): NonNullable<typeof tables> {
  const ofSocket = byName({
    SCM_RIGHTS: rights,
    SCM_CREDENTIALS: credentials,
    SCM_SECURITY: label,
    SO_TIMESTAMP_OLD: timeval,
    SO_TIMESTAMPNS_OLD: timespec,
    SO_TIMESTAMPING_OLD: timespecs,
    SO_TIMESTAMP_NEW: timespec,
    SO_TIMESTAMPNS_NEW: timespec,
    SO_TIMESTAMPING_NEW: timespecs,
  });
  const ofIp = byName({
    IP_PKTINFO: packetInfo,
    IP_TTL: wordsRow,
    IP_TOS: bytesRow,
    IP_RECVOPTS: bytesRow,
    IP_RETOPTS: bytesRow,
    IP_ORIGDSTADDR: originalAddress,
    IP_CHECKSUM: wordsRow,
  });
  return new Map([
    [SOL_SOCKET, ofSocket],
    [SOL_IP, ofIp],
  ]);
}

/** `[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[3]}]`. */
export function controlText(call: Decoding, value: bigint, given: bigint): string {
  const address = addressOf(call, value);
  const length = given > BigInt(LARGEST) ? LARGEST : Number(given);
  const head = call.word + 8;
  const bytes = length < head ? undefined : call.memory.read(address, length);
  if (bytes === undefined || bytes.length < length) return formatPointer(address);
  const texts: string[] = [];
  let at = 0;
  while (length - at >= head) {
    const own = readNumber(bytes, at, call.word);
    texts.push(formatControl(call, bytes, at, own));
    if (own < BigInt(head)) {
      at += head;
      break;
    }
    const aligned = Math.ceil(Number(own) / call.word) * call.word;
    at = aligned >= length - at ? length : at + aligned;
  }
  if (at < length) texts.push(`... /* ${formatPointer(address + BigInt(at))} */`);
  return `[${texts.join(", ")}]`;
}

function formatControl(call: Decoding, bytes: Uint8Array, at: number, own: bigint): string {
  const head = call.word + 8;
  const level = readNumber(bytes, at + call.word, 4, true);
  const type = readNumber(bytes, at + call.word + 4, 4);
  const there = bytes.length - at;
  const end = at + (own > BigInt(there) ? there : Number(own));
  const data = bytes.subarray(at + head, Math.max(end, at + head));
  tables ??= makeTables();
  const row = tables.get(level)?.get(type);
  const content =
    row === undefined || data.length < row.least ? "" : `, cmsg_data=${row.print(call, data)}`;
  const names = `cmsg_level=${showLevel(call, level)}, cmsg_type=${formatType(call, level, type)}`;
  return `{cmsg_len=${own}, ${names}${content}}`;
}

function formatType(call: Decoding, level: bigint, type: bigint): string {
  if (level === SOL_SOCKET) return showSocketType(call, type);
  return level === SOL_IP ? showIpType(call, type) : formatHex(type);
}
