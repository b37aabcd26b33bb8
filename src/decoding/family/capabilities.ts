/** Capabilities, users and groups. */
import { findConstant } from "../../linux/index.ts";
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Show } from "../piece.ts";
import { formatArray } from "../value/array.ts";
import { addressOf, fetchBytes, numberForm, pointerToNumber, readNumber } from "../value/form.ts";
import { formatHex, formatPointer, showId, showInt } from "../value/number.ts";
import { showChoice } from "../value/symbol.ts";

const NAMES =
  `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
  NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE
  SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL
  SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`
    .split(/\s+/)
    .map((name) => `CAP_${name}`);

export const showCapability = showChoice(NAMES.join(" "), "CAP_???");
const showVersion = showChoice(
  "_LINUX_CAPABILITY_VERSION_1 _LINUX_CAPABILITY_VERSION_2 _LINUX_CAPABILITY_VERSION_3",
  "_LINUX_CAPABILITY_VERSION_???",
);
let names: readonly (readonly [bit: bigint, name: string])[] | undefined;

/** `1<<CAP_CHOWN|1<<CAP_KILL`; words are 32 bits each, as the struct has them. */
export function formatCapabilities(low: bigint, high: bigint): string {
  names ??= NAMES.flatMap((name) => {
    const number = findConstant(name);
    return number === undefined ? [] : [[1n << number, name] as const];
  });
  const half = (bits: bigint, shift: bigint): string => {
    const own = (names ?? []).filter(([bit]) => ((bits << shift) & bit) !== 0n);
    const rest = own.reduce((left, [bit]) => left & ~(bit >> shift), bits);
    const texts = own.map(([, name]) => `1<<${name}`);
    if (texts.length === 0) return rest === 0n ? "0" : `${formatHex(rest)} /* CAP_??? */`;
    return [...texts, ...(rest === 0n ? [] : [formatHex(rest)])].join("|");
  };
  if (high === 0n) return half(low, 0n);
  return low === 0n ? half(high, 32n) : `${half(low, 0n)}|${half(high, 32n)}`;
}

const HEADER_SIZE = 8;

function header(call: Decoding): Uint8Array | undefined {
  const address = addressOf(call, call.argument(0));
  const bytes = address === 0n ? undefined : call.memory.read(address, HEADER_SIZE);
  return bytes === undefined || bytes.length < HEADER_SIZE ? undefined : bytes;
}

const showHeader: Show = (call, value) => {
  const bytes = header(call);
  if (bytes === undefined) return formatPointer(addressOf(call, value));
  const version = showVersion(call, readNumber(bytes, 0, 4));
  return `{version=${version}, pid=${readNumber(bytes, 4, 4, true)}}`;
};

const TWO_WORDS: readonly bigint[] = [0x20071026n, 0x20080522n];
const DATA_SIZE = 12;

const showData: Show = (call, value) => {
  const address = addressOf(call, value);
  const head = header(call);
  if (head === undefined) return formatPointer(address);
  const count = TWO_WORDS.includes(readNumber(head, 0, 4)) ? 2 : 1;
  const bytes = fetchBytes(call, address, count * DATA_SIZE);
  if (bytes === undefined) return formatPointer(address);
  const texts = ["effective", "permitted", "inheritable"].map((name, i) => {
    const high = count === 2 ? readNumber(bytes, DATA_SIZE + 4 * i, 4) : 0n;
    return `${name}=${formatCapabilities(readNumber(bytes, 4 * i, 4), high)}`;
  });
  return `{${texts.join(", ")}}`;
};

const idForm = numberForm(4, showId);
const idForm16 = numberForm(2, (_, value) => (value === 0xffffn ? "-1" : String(value)));
const idBehind = output(pointerToNumber(idForm));
const idBehind16 = output(pointerToNumber(idForm16));
const given = input((call, value) =>
  formatArray(call, value, BigInt.asUintN(32, call.argument(0)), idForm),
);
const returned = output((call, value) =>
  call.argument(0) === 0n
    ? formatPointer(addressOf(call, value))
    : formatArray(call, value, call.ret, idForm),
);
const three = { pieces: [idBehind, idBehind, idBehind] };
const three16 = { pieces: [idBehind16, idBehind16, idBehind16] };

export const capabilitiesDecoding: DecodingFamily = {
  capget: { pieces: [input(showHeader), output(showData)] },
  capset: { pieces: [input(showHeader), input(showData)] },
  getgroups: { pieces: [input(showInt), returned] },
  setgroups: { pieces: [input(showInt), given] },
  getgroups32: { pieces: [input(showInt), returned] },
  setgroups32: { pieces: [input(showInt), given] },
  getresuid: three,
  getresgid: three,
  getresuid32: three,
  getresgid32: three,
  "getresuid/i386": three16,
  "getresgid/i386": three16,
};
