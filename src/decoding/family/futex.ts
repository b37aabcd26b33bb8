/** futex(2) by operation, and what else threads share. */
import { byCommand, type CommandRows } from "../command.ts";
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Piece, type Show } from "../piece.ts";
import { numberForm, pointerToNumber } from "../value/form.ts";
import { formatHex, showAddress, showHex, showInt, showU64, showUint } from "../value/number.ts";
import { showChoice, showFlags } from "../value/symbol.ts";
import { showTimespec32, showTimespec64 } from "../value/time.ts";

const OPERATION_NAMES: readonly string[] =
  `FUTEX_WAIT FUTEX_WAKE FUTEX_FD FUTEX_REQUEUE FUTEX_CMP_REQUEUE FUTEX_WAKE_OP FUTEX_LOCK_PI FUTEX_UNLOCK_PI
  FUTEX_TRYLOCK_PI FUTEX_WAIT_BITSET FUTEX_WAKE_BITSET FUTEX_WAIT_REQUEUE_PI FUTEX_CMP_REQUEUE_PI FUTEX_LOCK_PI2`.split(
    /\s+/,
  );
const PRIVATE = 128n;
const CLOCK_REALTIME = 256n;

/** `FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME`: the name has a form of its own for private ones. */
const showOp: Show = (call, value) => {
  const { constants } = call.options;
  const op = BigInt.asUintN(32, value);
  if (constants === "raw") return formatHex(op);
  const name = OPERATION_NAMES[Number(op & 127n)];
  if (name === undefined || (op & ~(127n | PRIVATE | CLOCK_REALTIME)) !== 0n)
    return `${formatHex(op)} /* FUTEX_??? */`;
  const clock = (op & CLOCK_REALTIME) === 0n ? "" : "|FUTEX_CLOCK_REALTIME";
  const text = `${name}${(op & PRIVATE) === 0n ? "" : "_PRIVATE"}${clock}`;
  return constants === "verbose" ? `${formatHex(op)} /* ${text} */` : text;
};

const showBits: Show = (_, value) => {
  const bits = BigInt.asUintN(32, value);
  return bits === 0xffff_ffffn ? "FUTEX_BITSET_MATCH_ANY" : formatHex(bits);
};

const showOperation = showChoice(
  "FUTEX_OP_SET FUTEX_OP_ADD FUTEX_OP_OR FUTEX_OP_ANDN FUTEX_OP_XOR",
  "",
);
const showComparison = showChoice(
  `FUTEX_OP_CMP_EQ FUTEX_OP_CMP_NE FUTEX_OP_CMP_LT FUTEX_OP_CMP_LE FUTEX_OP_CMP_GT FUTEX_OP_CMP_GE`,
  "",
);

/** A part of the number, shifted; what has no name says what it should have been. */
function shifted(call: Decoding, show: Show, part: bigint, by: number, unknown: string): string {
  const text = show(call, part);
  return `${text}<<${by}${/[A-Z]/.test(text) ? "" : ` /* ${unknown} */`}`;
}

/** What FUTEX_WAKE_OP does and compares, in the bits of one number. */
const showWakeOp: Show = (call, value) => {
  const bits = BigInt.asUintN(32, value);
  const first = shifted(call, showOperation, (bits >> 28n) & 7n, 28, "FUTEX_OP_???");
  const second = shifted(call, showComparison, (bits >> 24n) & 15n, 24, "FUTEX_OP_CMP_???");
  const shift = (bits & 0x8000_0000n) === 0n ? "" : "FUTEX_OP_OPARG_SHIFT<<28|";
  const [argument, compared] = [(bits >> 12n) & 0xfffn, bits & 0xfffn].map(formatHex);
  return `${shift}${first}|${argument}<<12|${second}|${compared}`;
};

const head: readonly Piece[] = [input(showAddress), input(showOp)];
const value: Piece = { ...input(showUint), register: 2 };
const value2: Piece = { ...input(showUint), register: 3 };
const value3: Piece = { ...input(showUint), register: 5 };
const bits: Piece = { ...input(showBits), register: 5 };
const second: Piece = { ...input(showAddress), register: 4 };
const wakeOp: Piece = { ...input(showWakeOp), register: 5 };

function rowsWith(time: Show): CommandRows {
  const timeout: Piece = { ...input(time), register: 3 };
  return {
    FUTEX_WAIT: { pieces: [value, timeout] },
    "FUTEX_LOCK_PI FUTEX_LOCK_PI2": { pieces: [timeout] },
    FUTEX_WAIT_BITSET: { pieces: [value, timeout, bits] },
    FUTEX_WAKE_BITSET: { pieces: [value, bits] },
    FUTEX_REQUEUE: { pieces: [value, value2, second] },
    "FUTEX_CMP_REQUEUE FUTEX_CMP_REQUEUE_PI": { pieces: [value, value2, second, value3] },
    FUTEX_WAKE_OP: { pieces: [value, value2, second, wakeOp] },
    FUTEX_WAIT_REQUEUE_PI: { pieces: [value, timeout, second] },
    "FUTEX_FD FUTEX_WAKE": { pieces: [value] },
    "FUTEX_UNLOCK_PI FUTEX_TRYLOCK_PI": { pieces: [] },
  };
}

const otherwise = {
  pieces: [
    value,
    { ...input(showAddress), register: 3 },
    second,
    { ...input(showHex), register: 5 },
  ],
};
const row = (time: Show): DecodingFamily[string] =>
  byCommand(1, head, rowsWith(time), otherwise, 127n);

export const futexDecoding: DecodingFamily = {
  futex: row(showTimespec64),
  "futex/i386": row(showTimespec32),
  futex_time64: row(showTimespec64),
  set_robust_list: { pieces: [input(showAddress), input(showU64)] },
  get_robust_list: {
    pieces: [
      input(showInt),
      output(pointerToNumber(numberForm("word", showAddress))),
      output(pointerToNumber(numberForm("word", showU64))),
    ],
  },
  rseq: {
    pieces: [
      input(showAddress),
      input((_, size) => formatHex(BigInt.asUintN(32, size))),
      input(showFlags("RSEQ_FLAG_UNREGISTER", "RSEQ_FLAG_???")),
      input((_, sig) => formatHex(BigInt.asUintN(32, sig))),
    ],
  },
};
