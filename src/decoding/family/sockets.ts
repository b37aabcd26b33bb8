/** Sockets: addresses, data, messages. Their options are in options.ts. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Piece, type Show } from "../piece.ts";
import { formatArray } from "../value/array.ts";
import { showFd } from "../value/descriptor.ts";
import { addressOf, readNumber } from "../value/form.ts";
import { formatPointer, showInt, showUint, showUlong } from "../value/number.ts";
import { formatSockaddr } from "../value/sockaddr.ts";
import { showSymbols } from "../value/symbol.ts";
import { formatBuffer } from "../value/text.ts";
import { showTimespec32, showTimespec64 } from "../value/time.ts";
import {
  formatMessage,
  messageForm,
  messageSize,
  readNameLength,
  readRooms,
  showMessageFlags,
} from "./messages.ts";

const fd = input(showFd);
const flags = input(showMessageFlags);
const int = input(showInt);
const length = input(showUlong);
const type = input(showSymbols("socket_type", "SOCK_???", { isSplit: true }));
const socketFlags = input(showSymbols("socket_flags", "SOCK_???"));
const family = input(showSymbols("address_family", "AF_???"));

const showIpProtocol = showSymbols("ip_protocol", "IPPROTO_???");
const showNetlink = showSymbols("netlink_protocol", "NETLINK_???");
const showEthernet = showSymbols("ethernet_protocol", "ETH_P_???");
const protocols: ReadonlyMap<bigint, Show> = new Map<bigint, Show>([
  [2n, showIpProtocol],
  [10n, showIpProtocol],
  [16n, showNetlink],
  [
    17n,
    (call, value) => {
      const swapped = ((value & 0xffn) << 8n) | ((value >> 8n) & 0xffn);
      return `htons(${showEthernet(call, swapped)})`;
    },
  ],
]);
const protocol: Piece = input((call, value) =>
  (protocols.get(BigInt.asUintN(32, call.argument(0))) ?? showUint)(call, value),
);

/** An address that the call is given, with its length in register `size`. */
const given = (size: number): Piece =>
  input((call, value) => formatSockaddr(call, value, call.argument(size)));

/** A number of 32 bits behind a pointer; undefined: unreadable. */
function readInt(call: Decoding, value: bigint): bigint | undefined {
  const address = addressOf(call, value);
  if (address === 0n) return undefined;
  const bytes = call.memory.read(address, 4);
  return bytes === undefined || bytes.length < 4 ? undefined : readNumber(bytes, 0, 4, true);
}

const keepLength: Show = (call, value) => String(readInt(call, value) ?? "");

function keptLength(call: Decoding, register: number): bigint | undefined {
  const text = call.kept?.[register];
  return text === undefined || text === "" ? undefined : BigInt(text);
}

/** An address that the call gives; register `size` points to its length. */
const received = (size: number): Piece =>
  output((call, value) => {
    const room = keptLength(call, size);
    const real = readInt(call, call.argument(size));
    const isKnown = room !== undefined && real !== undefined && !call.hasFailed;
    if (!isKnown || addressOf(call, value) === 0n) return formatPointer(addressOf(call, value));
    return formatSockaddr(call, value, smallerOf(room, real));
  });

/** `[128 => 16]`: the room there was, and what the address needed. */
const receivedLength = (address: number): Piece => ({
  ...output((call, value) => formatLength(call, value, call.argument(address))),
  keep: keepLength,
});

function formatLength(call: Decoding, value: bigint, address: bigint): string {
  const room = call.kept?.find((text) => text !== undefined && text !== "");
  const real = readInt(call, value);
  if (room === undefined || address === 0n) return formatPointer(addressOf(call, value));
  if (call.hasFailed || real === undefined || String(real) === room) return `[${room}]`;
  return `[${room} => ${real}]`;
}

function smallerOf(one: bigint, other: bigint): bigint {
  if (one < other) return one;
  return other;
}

const accepted: readonly Piece[] = [fd, received(2), receivedLength(1)];
const sent: Piece = input((call, value) => formatBuffer(call, value, call.argument(2)));
const got: Piece = output((call, value) => {
  if (call.hasFailed) return formatPointer(addressOf(call, value));
  const size = call.argument(2);
  return formatBuffer(call, value, smallerOf(call.ret, size));
});

const message = (call: Decoding, value: bigint): Uint8Array | undefined => {
  const address = addressOf(call, value);
  const size = messageSize(call);
  const bytes = address === 0n ? undefined : call.memory.read(address, size);
  return bytes === undefined || bytes.length < size ? undefined : bytes;
};

const sentMessage: Piece = input((call, value) => {
  const bytes = message(call, value);
  return bytes === undefined ? formatPointer(addressOf(call, value)) : formatMessage(call, bytes);
});

const receivedMessage: Piece = {
  ...output((call, value) => {
    const room = keptLength(call, 1);
    const bytes = message(call, value);
    if (bytes === undefined || room === undefined) return formatPointer(addressOf(call, value));
    if (call.hasFailed) return `{msg_namelen=${room}}`;
    return formatMessage(call, bytes, call.ret, room);
  }),
  keep(call, value) {
    const bytes = message(call, value);
    return bytes === undefined ? "" : String(readNameLength(bytes, call));
  },
};

/** All that are to be sent, with how much was sent of those that were. */
const sentMessages: Piece = output((call, value) => {
  const { hasFailed } = call;
  call.hasFailed = false;
  const count = BigInt.asUintN(32, call.argument(2));
  const text = formatArray(call, value, count, messageForm(true, []));
  call.hasFailed = hasFailed;
  return text;
});

const MOST_MESSAGES = 1024;

const receivedMessages: Piece = {
  ...output((call, value) => {
    if (call.hasFailed) return formatPointer(addressOf(call, value));
    const rooms = (call.kept?.[1] ?? "")
      .split(" ")
      .flatMap((text) => (text === "" ? [] : [BigInt(text)]));
    return formatArray(call, value, call.ret, messageForm(false, rooms));
  }),
  keep(call, value) {
    const count = Math.min(MOST_MESSAGES, Number(BigInt.asUintN(32, call.argument(2))));
    return readRooms(call, addressOf(call, value), count).join(" ");
  },
};

function receiveMany(time: Show): DecodingFamily[string] {
  // the kernel writes what is left where the time was
  const timeout: Piece = { ...output((call) => call.kept?.[4] ?? "NULL"), keep: time };
  return {
    pieces: [fd, receivedMessages, input(showUint), flags, timeout],
    note(call) {
      if (call.hasFailed) return undefined;
      if (call.ret === 0n) return "Timeout";
      const left = call.argument(4);
      return left === 0n ? undefined : `left ${time(call, left)}`;
    },
  };
}

export const socketsDecoding: DecodingFamily = {
  socket: { pieces: [family, type, protocol], result: showFd },
  bind: { pieces: [fd, given(2), int] },
  connect: { pieces: [fd, given(2), int] },
  listen: { pieces: [fd, int] },
  accept: { pieces: accepted, result: showFd },
  accept4: { pieces: [...accepted, socketFlags], result: showFd },
  getsockname: { pieces: accepted },
  getpeername: { pieces: accepted },
  sendto: { pieces: [fd, sent, length, flags, given(5), int] },
  recvfrom: { pieces: [fd, got, length, flags, received(5), receivedLength(4)] },
  sendmsg: { pieces: [fd, sentMessage, flags] },
  recvmsg: { pieces: [fd, receivedMessage, flags] },
  sendmmsg: { pieces: [fd, sentMessages, input(showUint), flags] },
  recvmmsg: receiveMany(showTimespec64),
  "recvmmsg/i386": receiveMany(showTimespec32),
  recvmmsg_time64: receiveMany(showTimespec64),
  shutdown: { pieces: [fd, input(showSymbols("shutdown_how", "SHUT_???"))] },
};
