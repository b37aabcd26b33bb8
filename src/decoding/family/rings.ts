/** Rings of io_uring, and operations on semaphores. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, type Piece, type Show } from "../piece.ts";
import { formatArray } from "../value/array.ts";
import { showFd } from "../value/descriptor.ts";
import { addressOf, type MemoryForm, readNumber } from "../value/form.ts";
import { formatHex, formatPointer, showInt, showUint, showUlong } from "../value/number.ts";
import { showSignalSet } from "../value/signal.ts";
import { showFlags, showSymbols } from "../value/symbol.ts";
import { showTimespec32, showTimespec64 } from "../value/time.ts";

/** struct io_uring_params: what is asked for, then what there is, then where things are in the ring. */
const PARAMS_SIZE = 120;
const AT = {
  flags: 8,
  cpu: 12,
  idle: 16,
  features: 20,
  queue: 24,
  reserved: 28,
  submit: 40,
  complete: 80,
};
const ATTACH_WQ = 32n;
const SUBMIT_NAMES = "head tail ring_mask ring_entries flags dropped array".split(" ");
const COMPLETE_NAMES = "head tail ring_mask ring_entries overflow cqes flags".split(" ");

const showSetup = showSymbols("uring_setup_flags", "IORING_SETUP_???");
const showFeatures = showSymbols("uring_features", "IORING_FEAT_???");

function readParams(call: Decoding): Uint8Array | undefined {
  const address = addressOf(call, call.argument(1));
  const bytes = address === 0n ? undefined : call.memory.read(address, PARAMS_SIZE);
  return bytes === undefined || bytes.length < PARAMS_SIZE ? undefined : bytes;
}

const asked: Piece = input((call, value) => {
  const bytes = readParams(call);
  if (bytes === undefined) return formatPointer(addressOf(call, value));
  const at = (offset: number): bigint => readNumber(bytes, offset, 4);
  const parts = [
    `flags=${showSetup(call, at(AT.flags))}`,
    `sq_thread_cpu=${formatHex(at(AT.cpu))}`,
    `sq_thread_idle=${at(AT.idle)}`,
  ];
  if ((at(AT.flags) & ATTACH_WQ) !== 0n) parts.push(`wq_fd=${showFd(call, at(AT.queue))}`);
  const reserved = [0, 4, 8].map((offset) => at(AT.reserved + offset));
  if (reserved.some((part) => part !== 0n)) {
    parts.push(`resv=[${reserved.map(formatHex).join(", ")}]`);
  }
  return `{${parts.join(", ")}`;
});

const offsets = (bytes: Uint8Array, at: number, names: readonly string[]): string =>
  `{${names.map((name, i) => `${name}=${readNumber(bytes, at + 4 * i, 4)}`).join(", ")}}`;

/** The struct continues once the ring is there. */
const given: Piece = {
  show(call) {
    const bytes = call.hasFailed ? undefined : readParams(call);
    if (bytes === undefined) return "}";
    const parts = [
      `sq_entries=${readNumber(bytes, 0, 4)}`,
      `cq_entries=${readNumber(bytes, 4, 4)}`,
      `features=${showFeatures(call, readNumber(bytes, AT.features, 4))}`,
      `sq_off=${offsets(bytes, AT.submit, SUBMIT_NAMES)}`,
      `cq_off=${offsets(bytes, AT.complete, COMPLETE_NAMES)}`,
    ];
    return `, ${parts.join(", ")}}`;
  },
  atExit: true,
  separator: "none",
  shown: (call) => call.hasReturned || readParams(call) !== undefined,
  register: 1,
};

const showOperationFlags = showFlags("SEM_UNDO IPC_NOWAIT", "SEM_???", { bits: 16 });
const operation: MemoryForm = {
  size: () => 6,
  format(call, bytes) {
    const number = readNumber(bytes, 2, 2, true);
    const flags = showOperationFlags(call, readNumber(bytes, 4, 2));
    return `{sem_num=${readNumber(bytes, 0, 2)}, sem_op=${number}, sem_flg=${flags}}`;
  },
};
const operations: Piece = input((call, value) =>
  formatArray(call, value, BigInt.asUintN(32, call.argument(2)), operation),
);
const semaphore: readonly Piece[] = [input(showInt), operations, input(showUint)];
const timed = (time: Show): DecodingFamily[string] => ({ pieces: [...semaphore, input(time)] });

export const ringsDecoding: DecodingFamily = {
  io_uring_setup: { pieces: [input(showUint), asked, given], result: showFd },
  io_uring_enter: {
    pieces: [
      input(showFd),
      input(showUint),
      input(showUint),
      input(showSymbols("uring_enter_flags", "IORING_ENTER_???")),
      input(showSignalSet(5)),
      input(showUlong),
    ],
  },
  semop: { pieces: semaphore },
  semtimedop: timed(showTimespec64),
  "semtimedop/i386": timed(showTimespec32),
  semtimedop_time64: timed(showTimespec64),
};
