/** What comes with a signal: `{si_signo=SIGCHLD, si_code=CLD_EXITED, …}`. */
import { SIGINFO_SIZE } from "../../base/linux-abi.ts";
import { callName, errnoNameOf, findConstant, listConstantsOf } from "../../linux/index.ts";
import type { Decoding } from "../context.ts";
import { showFd } from "./descriptor.ts";
import { type MemoryForm, readNumber } from "./form.ts";
import { formatHex, formatPointer, showId, showInt, showUint } from "./number.ts";
import { showSignal } from "./signal.ts";

/** Codes that say how a signal of any number came about. */
const SENT = /^SI_(?!MAX)/;
/** Codes of signals of the kernel, by signal. */
const CODES: ReadonlyMap<number, RegExp> = new Map([
  [4, /^ILL_/],
  [5, /^TRAP_/],
  [7, /^BUS_/],
  [8, /^FPE_/],
  [11, /^SEGV_/],
  [17, /^CLD_/],
  [29, /^POLL_/],
  [31, /^SYS_/],
]);
const codeNames = new Map<string, string | undefined>();

function codeName(signal: number, code: number): string | undefined {
  const key = `${signal}/${code}`;
  if (!codeNames.has(key)) codeNames.set(key, findCode(signal, code));
  return codeNames.get(key);
}

function findCode(signal: number, code: number): string | undefined {
  const patterns = [SENT, CODES.get(signal)].filter((pattern) => pattern !== undefined);
  for (const pattern of patterns) {
    const name = listConstantsOf("asm/siginfo.h").find(
      (one) => pattern.test(one) && BigInt.asIntN(32, findConstant(one) ?? 0n) === BigInt(code),
    );
    if (name !== undefined) return name;
  }
  return undefined;
}

function formatCode({ options }: Decoding, signal: number, code: number): string {
  const name = codeName(signal, code);
  const number = formatHex(BigInt.asUintN(32, BigInt(code)));
  if (name === undefined || options.constants === "raw") return number;
  return options.constants === "verbose" ? `${number} /* ${name} */` : name;
}

const SI_TIMER = -2;
const SI_SIGIO = -5;
const CHILD = 17;
const POLLING = 29;
const SYSTEM_CALL = 31;
/** Signals of which the address says where it happened. */
const WITH_ADDRESS: readonly number[] = [4, 5, 7, 8, 11];

/** Text of the 128 bytes that the kernel gives. */
export function formatSiginfo(call: Decoding, bytes: Uint8Array): string {
  const signal = Number(readNumber(bytes, 0, 4, true));
  if (signal === 0) return "{}";
  const code = Number(readNumber(bytes, 8, 4, true));
  const parts = [
    `si_signo=${showSignal(call, BigInt(signal))}`,
    `si_code=${formatCode(call, signal, code)}`,
  ];
  const error = Number(readNumber(bytes, 4, 4));
  if (error !== 0) parts.push(`si_errno=${formatErrno(error)}`);
  parts.push(
    ...(code <= 0 ? userParts(call, bytes, code) : kernelParts(call, bytes, signal, code)),
  );
  return `{${parts.join(", ")}}`;
}

function formatErrno(error: number): string {
  return errnoNameOf(error) ?? String(error);
}

/** Where the union begins: i386 has no padding before it. */
const unionAt = (call: Decoding): number => (call.word === 8 ? 16 : 12);

function source(call: Decoding, bytes: Uint8Array): readonly string[] {
  const at = unionAt(call);
  const pid = showInt(call, readNumber(bytes, at, 4, true));
  return [`si_pid=${pid}`, `si_uid=${showId(call, readNumber(bytes, at + 4, 4))}`];
}

function sentValue(call: Decoding, bytes: Uint8Array): readonly string[] {
  const at = unionAt(call) + 8;
  const number = readNumber(bytes, at, 4, true);
  return [`si_int=${number}`, `si_ptr=${formatPointer(readNumber(bytes, at, call.word))}`];
}

const hasValue = (call: Decoding, bytes: Uint8Array): boolean =>
  readNumber(bytes, unionAt(call) + 8, call.word) !== 0n;

function userParts(call: Decoding, bytes: Uint8Array, code: number): readonly string[] {
  const at = unionAt(call);
  if (code === SI_TIMER) {
    const id = formatHex(readNumber(bytes, at, 4));
    const overrun = readNumber(bytes, at + 4, 4, true);
    return [`si_timerid=${id}`, `si_overrun=${overrun}`, ...sentValue(call, bytes)];
  }
  if (code === SI_SIGIO) return polling(call, bytes);
  const isPlain = code === 0 || code === -6;
  const rest = !isPlain && hasValue(call, bytes) ? sentValue(call, bytes) : [];
  return [...source(call, bytes), ...rest];
}

function polling(call: Decoding, bytes: Uint8Array): readonly string[] {
  const at = unionAt(call);
  const band = readNumber(bytes, at, call.word, true);
  return [`si_band=${band}`, `si_fd=${showFd(call, readNumber(bytes, at + call.word, 4))}`];
}

const EXITED = 1;
const SEGV_BNDERR = 3;
const SEGV_PKUERR = 4;

function kernelParts(
  call: Decoding,
  bytes: Uint8Array,
  signal: number,
  code: number,
): readonly string[] {
  const at = unionAt(call);
  if (signal === CHILD) return [...source(call, bytes), ...childParts(call, bytes, code)];
  if (WITH_ADDRESS.includes(signal)) {
    const address = `si_addr=${formatPointer(readNumber(bytes, at, call.word))}`;
    return [address, ...(signal === 11 ? faultParts(call, bytes, code) : [])];
  }
  if (signal === POLLING && code >= 1 && code <= 6) return polling(call, bytes);
  if (signal === SYSTEM_CALL) return blockedParts(call, bytes);
  const isEmpty = readNumber(bytes, at, 8) === 0n;
  const sent = hasValue(call, bytes) ? sentValue(call, bytes) : [];
  return [...(isEmpty ? [] : source(call, bytes)), ...sent];
}

function childParts(call: Decoding, bytes: Uint8Array, code: number): readonly string[] {
  const at = unionAt(call) + 8;
  const status = readNumber(bytes, at, 4, true);
  const timesAt = call.word === 8 ? at + 8 : at + 4;
  const times = ["si_utime", "si_stime"].map((name, i) => {
    const ticks = readNumber(bytes, timesAt + i * call.word, call.word);
    return `${name}=${formatTicks(ticks)}`;
  });
  return [`si_status=${code === EXITED ? status : showSignal(call, status)}`, ...times];
}

/** Hundredths of a second. */
export function formatTicks(ticks: bigint): string {
  if (ticks === 0n) return "0";
  const rest = String(ticks % 100n).padStart(2, "0");
  return `${ticks} /* ${ticks / 100n}.${rest} s */`;
}

function faultParts(call: Decoding, bytes: Uint8Array, code: number): readonly string[] {
  // behind the address and the number of bits of it that are known
  const at = unionAt(call) + 2 * call.word;
  if (code === SEGV_PKUERR) return [`si_pkey=${showUint(call, readNumber(bytes, at, 4))}`];
  if (code !== SEGV_BNDERR) return [];
  const [lower, upper] = [at, at + call.word].map((place) => readNumber(bytes, place, call.word));
  return [`si_lower=${formatPointer(lower ?? 0n)}`, `si_upper=${formatPointer(upper ?? 0n)}`];
}

const ARCHITECTURES: ReadonlyMap<bigint, string> = new Map([
  [0xc000003en, "AUDIT_ARCH_X86_64"],
  [0x40000003n, "AUDIT_ARCH_I386"],
]);

function blockedParts(call: Decoding, bytes: Uint8Array): readonly string[] {
  const at = unionAt(call);
  const nr = Number(readNumber(bytes, at + call.word, 4));
  const arch = readNumber(bytes, at + call.word + 4, 4);
  const name = callName(nr, call.abi);
  return [
    `si_call_addr=${formatPointer(readNumber(bytes, at, call.word))}`,
    `si_syscall=${name === undefined ? formatHex(BigInt(nr)) : `__NR_${name}`}`,
    `si_arch=${ARCHITECTURES.get(arch) ?? `${formatHex(arch)} /* AUDIT_ARCH_??? */`}`,
  ];
}

export const siginfoForm: MemoryForm = { size: () => SIGINFO_SIZE, format: formatSiginfo };
