/** Messages of sockets: where to, vectors of data, control messages. */
import type { Decoding } from "../context.ts";
import { formatArray } from "../value/array.ts";
import { controlText } from "../value/control.ts";
import { fetchBytes, type MemoryForm, readNumber } from "../value/form.ts";
import { formatSockaddr } from "../value/sockaddr.ts";
import { showSymbols } from "../value/symbol.ts";
import { vectorForm } from "../value/vector.ts";

export const showMessageFlags = showSymbols("msg_flags", "MSG_???");

/** Bytes of struct user_msghdr. */
export const messageSize = (call: Decoding): number => (call.word === 8 ? 56 : 28);

/** How long the name may be that the caller has room for. */
export function readNameLength(bytes: Uint8Array, call: Decoding): bigint {
  return readNumber(bytes, call.word, 4, true);
}

/** `transferred` bytes of the data are shown; undefined: all. `room` is what msg_namelen was at entry. */
export function formatMessage(
  call: Decoding,
  bytes: Uint8Array,
  transferred?: bigint,
  room?: bigint,
): string {
  const { word } = call;
  const at = (index: number): bigint => readNumber(bytes, index * word, word);
  const length = readNameLength(bytes, call);
  const used = room !== undefined && length > room ? room : length;
  const changed = room !== undefined && room !== length ? `${room} => ` : "";
  const form = vectorForm(transferred === undefined ? undefined : { bytes: transferred });
  const controlLength = at(5);
  const flags = showMessageFlags(call, readNumber(bytes, 6 * word, 4));
  return [
    `{msg_name=${formatSockaddr(call, at(0), used)}`,
    `msg_namelen=${changed}${length}`,
    `msg_iov=${formatArray(call, at(2), at(3), form)}`,
    `msg_iovlen=${at(3)}`,
    ...(controlLength === 0n ? [] : [`msg_control=${controlText(call, at(4), controlLength)}`]),
    `msg_controllen=${controlLength}`,
    `msg_flags=${flags}}`,
  ].join(", ");
}

/** With the number of bytes of each message behind it, where the call has set it. */
export function messageForm(isSent: boolean, rooms: readonly bigint[]): MemoryForm {
  let index = 0;
  return {
    size: (call) => messageSize(call) + (call.word === 8 ? 8 : 4),
    format(call, bytes) {
      const length = readNumber(bytes, messageSize(call), 4);
      const isDone = BigInt(index) < call.ret;
      const transferred = isSent ? undefined : length;
      const text = formatMessage(call, bytes, transferred, isSent ? undefined : rooms[index]);
      index += 1;
      return `{msg_hdr=${text}${isDone ? `, msg_len=${length}` : ""}}`;
    },
  };
}

/** The lengths of names before the kernel sets them. */
export function readRooms(call: Decoding, address: bigint, count: number): readonly bigint[] {
  const size = messageForm(false, []).size(call);
  const rooms: bigint[] = [];
  for (let i = 0; i < count; i += 1) {
    const bytes = fetchBytes(call, address + BigInt(i * size), size);
    if (bytes === undefined) break;
    rooms.push(readNameLength(bytes, call));
  }
  return rooms;
}
