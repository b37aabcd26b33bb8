/** Numbers as names, in the form strace has made familiar: `O_RDONLY|O_CLOEXEC`, `SIGKILL`, `0644`. */
import { findConstant } from "./constants.ts";
import { type SymbolSet, symbolSets } from "./symbol-sets.ts";

interface Table {
  readonly choices: ReadonlyMap<bigint, string>;
  readonly mask: bigint;
  readonly flags: readonly (readonly [bigint, string])[];
  readonly choiceLast: boolean;
}

const WHOLE = 0xffff_ffff_ffff_ffffn;
const tables = new Map<string, Table>();

/**
 * The number as meaning `semantic` shows it; undefined: it has no such form. Numbers are as wide and signed as
 * the parameter is, so that AT_FDCWD is -100.
 */
export function formatSymbol(semantic: string, value: bigint): string | undefined {
  if (semantic === "mode") return formatMode(value);
  if (semantic === "device") return formatDevice(value);
  if (semantic === "signal" && value >= 32n && value <= 64n) return `SIGRT_${value - 32n}`;
  const table = findTable(semantic);
  return table === undefined ? undefined : formatWith(table, value);
}

function formatWith(table: Table, value: bigint): string | undefined {
  if (table.flags.length === 0) return table.choices.get(value);
  const bits =
    value < 0n && value >= -0x8000_0000n ? BigInt.asUintN(32, value) : BigInt.asUintN(64, value);
  const isMasked = table.mask !== WHOLE;
  const chosen = isMasked ? bits & table.mask : bits;
  const choice = table.choices.get(chosen);
  if (!isMasked && choice !== undefined) return choice;
  const parts: string[] = [];
  let rest = isMasked && choice !== undefined ? bits & ~table.mask : bits;
  for (const [flag, name] of table.flags) {
    if ((rest & flag) !== flag) continue;
    parts.push(name);
    rest &= ~flag;
  }
  if (rest !== 0n) parts.push(`0x${rest.toString(16)}`);
  if (choice !== undefined) {
    if (table.choiceLast) parts.push(choice);
    else parts.unshift(choice);
  }
  return parts.length === 0 ? "0" : parts.join("|");
}

function formatMode(value: bigint): string {
  const name = fileTypes.get(value & 0o170000n);
  if (name === undefined) return formatOctal(value);
  return `${name}|${formatOctal(value & ~0o170000n)}`;
}

/** At least three digits, the leading 0 among them. */
function formatOctal(value: bigint): string {
  return `0${value.toString(8)}`.padStart(3, "0");
}

const fileTypes: ReadonlyMap<bigint, string> = new Map([
  [0o140000n, "S_IFSOCK"],
  [0o120000n, "S_IFLNK"],
  [0o100000n, "S_IFREG"],
  [0o060000n, "S_IFBLK"],
  [0o040000n, "S_IFDIR"],
  [0o020000n, "S_IFCHR"],
  [0o010000n, "S_IFIFO"],
]);

/** As user space encodes it: 8 low and 12 high bits of the minor number around 12 of the major. */
function formatDevice(value: bigint): string {
  const major = ((value >> 8n) & 0xfffn) | ((value >> 32n) & 0xfffff000n);
  const minor = (value & 0xffn) | ((value >> 12n) & 0xffffff00n);
  return `makedev(0x${major.toString(16)}, 0x${minor.toString(16)})`;
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
    return value === undefined || value === 0n ? [] : [[value, name] as const];
  });
  return { choices, flags, mask: set.mask ?? WHOLE, choiceLast: set.choiceLast ?? false };
}
