/** Signals and sets of them. */
import { findConstant } from "../../linux/index.ts";
import type { Decoding } from "../context.ts";
import type { Show } from "../piece.ts";
import { addressOf, fetchBytes } from "./form.ts";
import { formatPointer } from "./number.ts";

const FIRST_REALTIME = 32;
const LAST_SIGNAL = 64;
const NAMES = `HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN
  TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS`;
let names: ReadonlyMap<number, string> | undefined;

/** `SIGKILL`, `SIGRT_3`; undefined: no signal has that number. */
export function signalName(number: number): string | undefined {
  if (number === FIRST_REALTIME) return "SIGRTMIN";
  if (number > FIRST_REALTIME && number <= LAST_SIGNAL) return `SIGRT_${number - FIRST_REALTIME}`;
  names ??= new Map(
    NAMES.split(/\s+/).map((name) => [Number(findConstant(`SIG${name}`)), `SIG${name}`]),
  );
  return names.get(number);
}

export const showSignal: Show = ({ options }, value) => {
  const number = Number(BigInt.asIntN(32, value));
  const name = signalName(number);
  if (name === undefined || options.constants === "raw") return String(number);
  return options.constants === "verbose" ? `${number} /* ${name} */` : name;
};

/** `[INT TERM]`; with most signals in it those that are not: `~[KILL]`. */
export function formatSignalSet(call: Decoding, bytes: Uint8Array): string {
  const words = Math.ceil(bytes.length / 4);
  const bits = words * 32;
  const has = (i: number): boolean => (((bytes[i >> 3] ?? 0) >> (i & 7)) & 1) === 1;
  const set = Array.from({ length: bits }, (_, i) => has(i));
  const count = set.filter(Boolean).length;
  const isInverted = count >= Math.floor((bits * 2) / 3);
  const texts: string[] = [];
  for (let i = 0; i < bits; i += 1) {
    if (set[i] === isInverted) continue;
    texts.push(formatSetMember(call, i + 1));
  }
  return `${isInverted ? "~" : ""}[${texts.join(" ")}]`;
}

function formatSetMember({ options }: Decoding, number: number): string {
  const name = (signalName(number) ?? "").slice("SIG".length);
  if (options.constants === "abbrev") return name;
  return options.constants === "raw" ? String(number) : `${number} /* ${name} */`;
}

/** Bytes of a set of signals as the kernel has it. */
export const SIGNAL_SET_SIZE = 8;

/** A set behind a pointer, of as many bytes as register `size` says. */
export function showSignalSet(size: number, least?: number): Show {
  return (call, value) => formatSignalSetAt(call, value, call.argument(size), least ?? call.word);
}

export function formatSignalSetAt(
  call: Decoding,
  value: bigint,
  length: bigint,
  least: number,
): string {
  const address = addressOf(call, value);
  if (length < BigInt(least) || length > BigInt(SIGNAL_SET_SIZE)) return formatPointer(address);
  const bytes = fetchBytes(call, address, Number(length));
  return bytes === undefined ? formatPointer(address) : formatSignalSet(call, bytes);
}
