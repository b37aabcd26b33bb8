/** Waiting for descriptors: poll, select, epoll. What is ready stands behind the result. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Piece, type Show } from "../piece.ts";
import { formatArray } from "../value/array.ts";
import { showFd } from "../value/descriptor.ts";
import { addressOf, fetchBytes, type MemoryForm, pointerTo, readNumber } from "../value/form.ts";
import { formatHex, formatPointer, showInt, showUint, showUlong } from "../value/number.ts";
import { formatSignalSetAt, showSignalSet } from "../value/signal.ts";
import { showSymbols } from "../value/symbol.ts";
import { showTimespec32, showTimespec64, showTimeval } from "../value/time.ts";

const showPollEvents = showSymbols("poll_events", "POLL???", { bits: 16 });
const POLLFD_SIZE = 8;

/** With a negative descriptor the kernel does not look at the rest. */
const pollfdForm: MemoryForm = {
  size: () => POLLFD_SIZE,
  format(call, bytes) {
    const fd = readNumber(bytes, 0, 4, true);
    const events = fd < 0n ? "" : `, events=${showPollEvents(call, readNumber(bytes, 4, 2))}`;
    return `{fd=${showFd(call, fd)}${events}}`;
  },
};

const pollfds: Piece = input((call, value) =>
  formatArray(call, value, BigInt.asUintN(32, call.argument(1)), pollfdForm),
);

/** `[{fd=3, revents=POLLIN}]`, and how much of the time was left. */
function pollNote(left?: Show): (call: Decoding) => string | undefined {
  return (call) => {
    if (call.hasFailed) return undefined;
    if (call.ret === 0n) return "Timeout";
    const ready = formatReady(call);
    const texts = ready === "" ? [] : [ready];
    const time = call.argument(2);
    if (left !== undefined && time !== 0n) texts.push(`left ${left(call, time)}`);
    return texts.length === 0 ? undefined : texts.join(", ");
  };
}

/** However many there are, the note stays short. */
const MOST_READY = 1 << 12;

function formatReady(call: Decoding): string {
  const address = addressOf(call, call.argument(0));
  const count = Math.min(Number(BigInt.asUintN(32, call.argument(1))), MOST_READY);
  if (address === 0n || count === 0) return "";
  const bytes = call.memory.read(address, count * POLLFD_SIZE);
  const readable = Math.floor((bytes?.length ?? 0) / POLLFD_SIZE);
  const limit = call.options.abbreviate ? call.options.stringLimit : MOST_READY;
  const texts: string[] = [];
  for (let i = 0; i < readable; i += 1) {
    const revents = readNumber(bytes ?? new Uint8Array(), i * POLLFD_SIZE + 6, 2);
    if (revents === 0n) continue;
    if (texts.length >= limit) {
      texts.push("...");
      break;
    }
    const fd = readNumber(bytes ?? new Uint8Array(), i * POLLFD_SIZE, 4, true);
    texts.push(`{fd=${fd}, revents=${showPollEvents(call, revents)}}`);
  }
  if (readable < count) texts.push(formatHex(address + BigInt(readable * POLLFD_SIZE)));
  return texts.length === 0 ? "" : `[${texts.join(", ")}]`;
}

/** The kernel's own limit is lower. */
const MOST_DESCRIPTORS = 1 << 20;

function countOf(call: Decoding): number {
  const count = Number(BigInt.asIntN(32, call.argument(0)));
  return Math.max(0, Math.min(count, MOST_DESCRIPTORS));
}

/** Descriptors of a set; undefined: it cannot be read. */
function readSet(call: Decoding, value: bigint): readonly number[] | undefined {
  const count = countOf(call);
  const size = Math.ceil(count / (8 * call.word)) * call.word;
  const bytes = fetchBytes(call, addressOf(call, value), size);
  if (bytes === undefined) return undefined;
  const members: number[] = [];
  for (let i = 0; i < count; i += 1) {
    if ((((bytes[i >> 3] ?? 0) >> (i & 7)) & 1) === 1) members.push(i);
  }
  return members;
}

const descriptorSet: Piece = input((call, value) => {
  const address = addressOf(call, value);
  if (countOf(call) === 0) return formatPointer(address);
  const members = readSet(call, value);
  if (members === undefined) return formatPointer(address);
  return `[${members.map((fd) => showFd(call, BigInt(fd))).join(" ")}]`;
});

const SET_NAMES = ["in", "out", "except"] as const;

function selectNote(left: Show): (call: Decoding) => string | undefined {
  return (call) => {
    if (call.hasFailed) return undefined;
    if (call.ret === 0n) return "Timeout";
    const texts = SET_NAMES.flatMap((name, i) => {
      const members = readSet(call, call.argument(i + 1)) ?? [];
      return members.length === 0 ? [] : [`${name} [${members.join(" ")}]`];
    });
    const time = call.argument(4);
    if (time !== 0n) texts.push(`left ${left(call, time)}`);
    return texts.join(", ");
  };
}

/** pselect6(2) takes a pointer to the set and its size. */
const setInStruct: Piece = input((call, value) => {
  const address = addressOf(call, value);
  const bytes = fetchBytes(call, address, 2 * call.word);
  if (bytes === undefined) return formatPointer(address);
  const set = readNumber(bytes, 0, call.word);
  const size = readNumber(bytes, call.word, call.word);
  return `{sigmask=${formatSignalSetAt(call, set, size, call.word)}, sigsetsize=${size}}`;
});

const showEpollEvents = showSymbols("epoll_events", "EPOLL???");

/** Nobody knows which member of the union the program uses: the number, and again as 64 bits where it is wider. */
const epollEventForm: MemoryForm = {
  size: () => 12,
  format(call, bytes) {
    const events = showEpollEvents(call, readNumber(bytes, 0, 4));
    const wide = readNumber(bytes, 4, 8);
    return `{events=${events}, data={u32=${BigInt.asUintN(32, wide)}, u64=${wide}}}`;
  },
};
const readyEvents: Piece = output((call, value) =>
  formatArray(call, value, call.ret, epollEventForm),
);
const EPOLL_CTL_DEL = 2n;
const epollEvent = pointerTo(epollEventForm);
const epollControl: Piece = input((call, value) =>
  BigInt.asUintN(32, call.argument(1)) === EPOLL_CTL_DEL
    ? formatPointer(addressOf(call, value))
    : epollEvent(call, value),
);

const count = input(showUint);
const timeout = input(showInt);
const waitingSet = input(showSignalSet(5));

function pollRow(time: Show): DecodingFamily[string] {
  return {
    pieces: [pollfds, count, input(time), input(showSignalSet(4)), input(showUlong)],
    note: pollNote(time),
  };
}

function selectRow(time: Show, ...more: Piece[]): DecodingFamily[string] {
  const sets = [descriptorSet, descriptorSet, descriptorSet];
  return { pieces: [input(showInt), ...sets, input(time), ...more], note: selectNote(time) };
}

const epollHead: readonly Piece[] = [input(showFd), readyEvents, input(showInt)];

export const waitingDecoding: DecodingFamily = {
  poll: { pieces: [pollfds, count, timeout], note: pollNote() },
  ppoll: pollRow(showTimespec64),
  "ppoll/i386": pollRow(showTimespec32),
  ppoll_time64: pollRow(showTimespec64),
  select: selectRow(showTimeval),
  _newselect: selectRow(showTimeval),
  pselect6: selectRow(showTimespec64, setInStruct),
  "pselect6/i386": selectRow(showTimespec32, setInStruct),
  pselect6_time64: selectRow(showTimespec64, setInStruct),
  epoll_ctl: {
    by: { op: input(showSymbols("epoll_op", "EPOLL_CTL_???")), event: epollControl },
  },
  epoll_wait: { pieces: [...epollHead, timeout] },
  epoll_pwait: { pieces: [...epollHead, timeout, waitingSet, input(showUlong)] },
  epoll_pwait2: { pieces: [...epollHead, input(showTimespec64), waitingSet, input(showUlong)] },
};
