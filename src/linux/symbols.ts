/** Numbers as names, in the form strace has made familiar: `O_RDONLY|O_CLOEXEC`, `SIGKILL`, `0644`. */
import { deviceNumbers } from "../base/device-number.ts";
import { table } from "../base/table.ts";
import { findConstant } from "./constants.ts";
import type { SymbolSet } from "./symbol-sets/notation.ts";
import { symbolSets } from "./symbol-sets.ts";

interface Table extends Omit<SymbolSet, "choices" | "flags"> {
  readonly choices: ReadonlyMap<bigint, string>;
  readonly mask: bigint;
  readonly flags: readonly (readonly [bigint, string])[];
}

const WHOLE = 0xffff_ffff_ffff_ffffn;
const tables = new Map<string, Table>();

/** Numbers that are more than choices and flags. */
const formats = table<(value: bigint) => string | undefined>({
  mode: (value) => formatOctal(value),
  file_mode: formatFileMode,
  device: formatDevice,
  ioprio: formatPriority,
  quotactl: formatQuota,
  network_protocol: formatEthernet,
  hex: formatHex,
  address: (value) => (value === 0n ? "NULL" : formatHex(value)),
  // the answer is asked for, nothing set
  personality: (value) => (value === 0xffff_ffffn ? "0xffffffff" : undefined),
  // no user, no group: the id stays as it is
  uid: formatId,
  gid: formatId,
  signal: (value) => (value >= 32n && value <= 64n ? `SIGRT_${value - 32n}` : undefined),
});

/**
 * The number as meaning `semantic` shows it; undefined: it has no such form. Numbers are as wide and signed as
 * the parameter is, so that AT_FDCWD is -100.
 */
export function formatSymbol(semantic: string, value: bigint): string | undefined {
  const text = formats[semantic]?.(value);
  if (text !== undefined) return text;
  const table = findTable(semantic);
  return table === undefined ? undefined : formatWith(table, value);
}

function formatWith(table: Table, value: bigint): string | undefined {
  const bits = bitsOf(value);
  const isMasked = table.mask !== WHOLE;
  const choice = isMasked
    ? table.choices.get(bits & table.mask)
    : (table.choices.get(value) ?? table.choices.get(bits));
  if (!isMasked && choice !== undefined) return choice;
  if (table.flags.length === 0 && !isMasked) return table.isNumber ? undefined : formatHex(value);
  const { octal = 0n, shifted } = table;
  let rest = isMasked && choice !== undefined ? bits & ~table.mask : bits;
  const last: string[] = [];
  if (shifted !== undefined && (rest & shifted.mask) !== 0n) {
    last.push(`${(rest & shifted.mask) >> shifted.by}<<${shifted.name}`);
    rest &= ~shifted.mask;
  }
  if (octal !== 0n) last.push(formatOctal(rest & octal));
  rest &= ~octal;
  const parts: string[] = [];
  for (const [flag, name] of table.flags) {
    if ((rest & flag) !== flag) continue;
    parts.push(name);
    rest &= ~flag;
  }
  if (rest !== 0n) parts.push(formatHex(rest));
  if (choice !== undefined && !table.choiceLast) parts.unshift(choice);
  parts.push(...last);
  if (choice !== undefined && table.choiceLast) parts.push(choice);
  return parts.length === 0 ? "0" : parts.join("|");
}

/** As wide as an int unless it is wider. */
function bitsOf(value: bigint): bigint {
  return BigInt.asUintN(value < 0n && value >= -0x8000_0000n ? 32 : 64, value);
}

function formatHex(value: bigint): string {
  return value === 0n ? "0" : `0x${bitsOf(value).toString(16)}`;
}

/** In network order. */
function formatEthernet(value: bigint): string {
  const swapped = ((value & 0xffn) << 8n) | ((value >> 8n) & 0xffn);
  return `htons(${findTable("ethernet_protocol")?.choices.get(swapped) ?? formatHex(swapped)})`;
}

function formatId(value: bigint): string | undefined {
  return value === 0xffff_ffffn ? "-1" : undefined;
}

/** With the kind of file and the special bits by their names, as only calls that make any kind of file have them. */
function formatFileMode(value: bigint): string {
  const bits = bitsOf(value);
  const type = fileTypes.get(bits & 0o170000n);
  if (type === undefined && (bits & 0o170000n) !== 0n) return formatOctal(bits);
  const special = SPECIAL_BITS.filter(([bit]) => (bits & bit) !== 0n).map(([, name]) => name);
  return [...(type ?? []), ...special, formatOctal(bits & 0o777n)].join("|");
}

const SPECIAL_BITS: readonly (readonly [bigint, string])[] = [
  [0o4000n, "S_ISUID"],
  [0o2000n, "S_ISGID"],
  [0o1000n, "S_ISVTX"],
];

/** At least three digits, the leading 0 among them. What the kernel does not look at is shown, too. */
function formatOctal(value: bigint): string {
  const bits = value < 0n ? BigInt.asUintN(16, value) : value;
  return `0${bits === 0n ? "" : bits.toString(8)}`.padStart(3, "0");
}

/** Class in the upper three of 16 bits. */
function formatPriority(value: bigint): string {
  const bits = bitsOf(value);
  const name = findTable("ioprio_class")?.choices.get(bits >> 13n);
  return `IOPRIO_PRIO_VALUE(${name ?? formatHex(bits >> 13n)}, ${bits & 0x1fffn})`;
}

/** Whose quota in the lowest byte. */
function formatQuota(value: bigint): string {
  const bits = bitsOf(value);
  const name = (set: string, part: bigint): string =>
    findTable(set)?.choices.get(part) ?? formatHex(part);
  return `QCMD(${name("quota_cmd", bits >> 8n)}, ${name("quota_type", bits & 0xffn)})`;
}

const fileTypes: ReadonlyMap<bigint, readonly [string]> = new Map([
  [0o140000n, ["S_IFSOCK"]],
  [0o120000n, ["S_IFLNK"]],
  [0o100000n, ["S_IFREG"]],
  [0o060000n, ["S_IFBLK"]],
  [0o040000n, ["S_IFDIR"]],
  [0o020000n, ["S_IFCHR"]],
  [0o010000n, ["S_IFIFO"]],
]);

function formatDevice(value: bigint): string {
  const { major, minor } = deviceNumbers(value);
  return `makedev(${formatHex(major)}, ${formatHex(minor)})`;
}

function findTable(semantic: string): Table | undefined {
  const known = tables.get(semantic);
  if (known !== undefined) return known;
  const set = symbolSets[semantic]?.();
  if (set === undefined) return undefined;
  const table = makeTable(set);
  tables.set(semantic, table);
  return table;
}

function makeTable(set: SymbolSet): Table {
  const choices = new Map<bigint, string>();
  for (const name of set.choices ?? []) {
    const value = findConstant(name);
    if (value !== undefined && !choices.has(value)) choices.set(value, name);
  }
  const flags = (set.flags ?? []).flatMap((name) => {
    const value = findConstant(name);
    return value === undefined || value === 0n ? [] : [[bitsOf(value), name] as const];
  });
  return { ...set, choices, flags, mask: set.mask ?? WHOLE };
}
