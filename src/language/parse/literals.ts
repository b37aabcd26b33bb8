/** Decodes what the lexer found: strings, characters, numbers, durations, networks. */

export interface DecodedString {
  readonly bytes: Uint8Array;
  /** Escapes that mean nothing; their backslash is kept (patterns want it). Offsets into the raw text. */
  readonly unknownEscapes: readonly { readonly at: number; readonly text: string }[];
}

const encoder = new TextEncoder();
/** More unknown escapes in one string say nothing new. */
const MAX_ESCAPES = 100;
const HEX = /^[0-9A-Fa-f]{2}$/;
const SIMPLE: ReadonlyMap<string, number> = new Map([
  ["n", 10],
  ["t", 9],
  ["\\", 92],
  ['"', 34],
]);

/** Decodes the inside of a quoted text (without the quotes). */
export function decodeString(raw: string, quote: '"' | "'" = '"'): DecodedString {
  if (!raw.includes("\\")) return { bytes: encoder.encode(raw), unknownEscapes: [] };
  const bytes: number[] = [];
  const unknownEscapes: { at: number; text: string }[] = [];
  // the first character that is not in the bytes yet: what means nothing stays with the text around it
  let from = 0;
  let at = 0;
  const copyUpTo = (end: number): void => {
    for (const byte of encoder.encode(raw.slice(from, end))) bytes.push(byte);
  };
  for (let slash = raw.indexOf("\\"); slash >= 0; slash = raw.indexOf("\\", at)) {
    const next = raw[slash + 1] ?? "";
    const simple = next === quote ? quote.charCodeAt(0) : SIMPLE.get(next);
    const hex = raw.slice(slash + 2, slash + 4);
    if (simple !== undefined) {
      copyUpTo(slash);
      bytes.push(simple);
      at = from = slash + 2;
    } else if (next === "x" && HEX.test(hex)) {
      copyUpTo(slash);
      bytes.push(Number.parseInt(hex, 16));
      at = from = slash + 4;
    } else {
      if (unknownEscapes.length < MAX_ESCAPES)
        unknownEscapes.push({
          at: slash,
          text: `\\${String.fromCodePoint(raw.codePointAt(slash + 1) ?? 92)}`,
        });
      at = slash + 1;
    }
  }
  copyUpTo(raw.length);
  return { bytes: Uint8Array.from(bytes), unknownEscapes };
}

/** Value of `'c'`, with the escapes of strings and `\0`; undefined unless it is exactly one byte. */
export function decodeCharacter(raw: string): bigint | undefined {
  if (raw === "\\0") return 0n;
  if (raw === "\\r") return 13n;
  const { bytes, unknownEscapes } = decodeString(raw, "'");
  const [byte] = bytes;
  return bytes.length === 1 && unknownEscapes.length === 0 && byte !== undefined
    ? BigInt(byte)
    : undefined;
}

const SIZES: ReadonlyMap<string, bigint> = new Map([
  ["K", 1n << 10n],
  ["M", 1n << 20n],
  ["G", 1n << 30n],
]);
const NUMBER = /^(?:0[xX]([0-9A-Fa-f]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0)([KMG]?))$/;
const U64_MAX = 0xffff_ffff_ffff_ffffn;
export const I64_MAX = 0x7fff_ffff_ffff_ffffn;

/** Of times in expressions: `m` alone would be taken for a size. */
const TIME = /^[1-9][0-9]*(?:ns|us|ms|s|min|h|d)$/;

/** Value of a number as written, of a time in nanoseconds; the reason when it is none. */
export function decodeNumber(text: string): bigint | "malformed" | "too_large" {
  const match = NUMBER.exec(text);
  if (!match) return TIME.test(text) ? (decodeDuration(text) ?? "too_large") : "malformed";
  const [, hex, binary, octal, decimal, suffix] = match;
  // The longest spelling of 2^64 - 1 has 64 digits; BigInt() of megabytes of digits would be slow.
  const digits = (hex ?? binary ?? octal ?? decimal ?? "").replace(/^0+(?=.)/, "");
  if (digits.length > 64) return "too_large";
  const radix =
    hex !== undefined ? "0x" : binary !== undefined ? "0b" : octal !== undefined ? "0o" : "";
  const value = BigInt(radix + digits) * (SIZES.get(suffix ?? "") ?? 1n);
  return value > U64_MAX ? "too_large" : value;
}

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["sec", 1_000_000_000n],
  ["second", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["min", 60_000_000_000n],
  ["minute", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
  ["hour", 3_600_000_000_000n],
  ["d", 86_400_000_000_000n],
  ["day", 86_400_000_000_000n],
]);

/** Nanoseconds of `30s`, `500ms`, `2h`; with `bareUnit` also of `s`. Undefined if it is no duration above 0. */
export function decodeDuration(text: string, bareUnit = false): bigint | undefined {
  const match = /^([0-9]{0,12})([a-z]+)$/.exec(text);
  const unit = UNITS.get(match?.[2] ?? "");
  if (!match || unit === undefined) return undefined;
  if (match[1] === "") return bareUnit ? unit : undefined;
  const value = BigInt(match[1] ?? "0") * unit;
  return value > 0n && value <= I64_MAX ? value : undefined;
}

export interface Network {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly prefixBits: number;
}

function parseIpv4(text: string): number[] | undefined {
  const bytes = text.split(".").map(Number);
  return bytes.length === 4 && bytes.every((b) => b <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = (half: string): number[] | undefined => {
    const bytes: number[] = [];
    if (half === "") return bytes;
    const parts = half.split(":");
    for (const [i, part] of parts.entries()) {
      if (part.includes(".")) {
        const tail = i === parts.length - 1 ? parseIpv4(part) : undefined;
        if (!tail) return undefined;
        bytes.push(...tail);
      } else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) {
        const value = Number.parseInt(part, 16);
        bytes.push(value >> 8, value & 255);
      } else return undefined;
    }
    return bytes;
  };
  const head = groups(halves[0] ?? "");
  if (!head) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const tail = groups(halves[1] ?? "");
  if (!tail || head.length + tail.length > 14) return undefined;
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

/** Address and prefix of `10.0.0.0/8` or `fe80::/10`; without a prefix the whole address counts. */
export function decodeNetwork(text: string): Network | undefined {
  const [host = "", prefix] = text.split("/");
  const bytes = host.includes(":") ? parseIpv6(host) : parseIpv4(host);
  if (!bytes) return undefined;
  const bits = bytes.length * 8;
  const prefixBits = prefix === undefined ? bits : prefix.length <= 3 ? Number(prefix) : bits + 1;
  if (prefixBits > bits) return undefined;
  return { address: Uint8Array.from(bytes), prefixBits };
}
