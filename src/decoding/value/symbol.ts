/** Numbers as names: one of a list, or flags that are or-ed. Tables come from src/linux, or are lists of names. */
import { findPrintedConstant, type SymbolSet, symbolSet } from "../../linux/index.ts";
import type { DecodeOptions } from "../context.ts";
import type { Show } from "../piece.ts";
import { formatHex, formatOctal } from "./number.ts";

/** What prints numbers of one meaning. */
export interface Symbols {
  readonly choices: ReadonlyMap<bigint, string>;
  readonly flags: readonly (readonly [bit: bigint, name: string])[];
  /** Bits of the choice; absent: it is the whole number, and there are no flags. */
  readonly mask?: bigint;
  readonly choiceLast: boolean;
  /** Bits of the number. */
  readonly bits: 16 | 32 | 64;
  /** A mode, which stands last. */
  readonly octal: bigint;
  /** What a number without a name should have been: `O_???`. */
  readonly unknown: string;
  /** Numbers without a name in decimal. */
  readonly isDecimal: boolean;
  /** Numbers, where -X asks for them, stand by the choice and by the flags, not by the whole. */
  readonly isSplit: boolean;
  /** Nothing at all stands for 0. */
  readonly isBlank: boolean;
  readonly shifted?: NonNullable<SymbolSet["shifted"]>;
  /** Texts made before: most programs use few. */
  readonly known: Map<bigint, string>;
}

const MOST_KNOWN = 1024;

/** Text of a number, by -X. */
export function formatSymbols(symbols: Symbols, options: DecodeOptions, raw: bigint): string {
  const value = BigInt.asUintN(symbols.bits, raw);
  if (options.constants !== "abbrev" && symbols.isSplit)
    return formatSplit(symbols, options, value);
  if (options.constants !== "abbrev" && symbols.octal !== 0n)
    return formatWithMode(symbols, options, value);
  if (options.constants === "raw") return formatNumber(symbols, value);
  if (options.constants === "verbose") return formatVerbose(symbols, value);
  const known = symbols.known.get(value);
  if (known !== undefined) return known;
  const name = formatNames(symbols, value);
  const text = name ?? formatUnnamed(symbols, value);
  if (symbols.known.size >= MOST_KNOWN) symbols.known.clear();
  symbols.known.set(value, text);
  return text;
}

function formatSplit(symbols: Symbols, options: DecodeOptions, value: bigint): string {
  const { mask = 0n, choices } = symbols;
  const whole = { ...symbols, isSplit: false };
  const rest = value & ~mask;
  const choice = value & mask;
  if (!choices.has(choice)) return formatSymbols(whole, options, value);
  const text = formatSymbols(whole, options, choice);
  if (rest === 0n) return text;
  const flags = { ...whole, choices: NO_CHOICES };
  const restText = formatSymbols(flags, options, rest);
  return symbols.choiceLast ? `${restText}|${text}` : `${text}|${restText}`;
}

/** A mode is a number of its own, whatever -X says of the flags before it: `0x200|0600`. */
function formatWithMode(symbols: Symbols, options: DecodeOptions, value: bigint): string {
  const mode = formatOctal(value & symbols.octal);
  const rest = value & ~symbols.octal;
  if (rest === 0n) return mode;
  return `${formatSymbols({ ...symbols, octal: 0n }, options, rest)}|${mode}`;
}

const NO_CHOICES: Symbols["choices"] = new Map();

function formatVerbose(symbols: Symbols, value: bigint): string {
  const name = formatNames(symbols, value);
  if (name === undefined) return formatUnnamed(symbols, value);
  return `${formatNumber(symbols, value)} /* ${name} */`;
}

function formatNumber(symbols: Symbols, value: bigint): string {
  return symbols.isDecimal ? BigInt.asIntN(symbols.bits, value).toString() : formatHex(value);
}

function formatUnnamed(symbols: Symbols, value: bigint): string {
  const isEmpty = value === 0n && (symbols.flags.length > 0 || symbols.unknown === "");
  if (isEmpty) return symbols.isBlank ? "" : "0";
  const comment = symbols.unknown === "" ? "" : ` /* ${symbols.unknown} */`;
  return `${formatNumber(symbols, value)}${comment}`;
}

/** Undefined: none of the names is in it. */
function formatNames(symbols: Symbols, value: bigint): string | undefined {
  const { choices, mask, flags, shifted, octal } = symbols;
  const choice = choices.get(mask === undefined ? value : value & mask);
  if (mask === undefined && (choice !== undefined || flags.length === 0)) return choice;
  const pieces: string[] = [];
  let rest = mask !== undefined && choice !== undefined ? value & ~mask : value;
  const mode = octal === 0n ? undefined : formatOctal(rest & octal);
  rest &= ~octal;
  const shiftedText =
    shifted === undefined || (rest & shifted.mask) === 0n
      ? undefined
      : `${(rest & shifted.mask) >> shifted.by}<<${shifted.name}`;
  if (shifted !== undefined) rest &= ~shifted.mask;
  for (const [bit, name] of flags) {
    if ((rest & bit) !== bit) continue;
    pieces.push(name);
    rest &= ~bit;
  }
  if (choice !== undefined && !symbols.choiceLast) pieces.unshift(choice);
  const isNamed = pieces.length > 0 || shiftedText !== undefined || choice !== undefined;
  if (!isNamed && mode === undefined) return undefined;
  if (rest !== 0n) pieces.push(formatHex(rest));
  if (shiftedText !== undefined) pieces.push(shiftedText);
  if (mode !== undefined) pieces.push(mode);
  if (choice !== undefined && symbols.choiceLast) pieces.push(choice);
  return pieces.join("|");
}

interface Rest {
  readonly unknown?: string;
  readonly bits?: 16 | 32 | 64;
  readonly isDecimal?: boolean;
  readonly isBlank?: boolean;
  readonly isSplit?: boolean;
}

/** The numbers of a table of src/linux, made when the first is printed. */
export function showSymbols(set: string, unknown: string, rest: Rest = {}): Show {
  let made: Symbols | undefined;
  return (call, value) => {
    made ??= makeSymbols(symbolSet(set) ?? {}, { unknown, ...rest });
    return formatSymbols(made, call.options, value);
  };
}

/** Flags of a list of names, in the order of printing. */
export function showFlags(names: string, unknown: string, rest: Rest = {}): Show {
  return fromSet({ flags: names.split(/\s+/) }, { unknown, ...rest });
}

/** One of a list of names. */
export function showChoice(names: string, unknown: string, rest: Rest = {}): Show {
  return fromSet({ choices: names.split(/\s+/) }, { unknown, ...rest });
}

function fromSet(set: SymbolSet, rest: Rest): Show {
  let made: Symbols | undefined;
  return (call, value) => {
    made ??= makeSymbols(set, rest);
    return formatSymbols(made, call.options, value);
  };
}

export function makeSymbols(set: SymbolSet, rest: Rest): Symbols {
  const bits = rest.bits ?? 32;
  const choices = new Map<bigint, string>();
  for (const name of set.choices ?? []) {
    const value = findPrintedConstant(name);
    if (value === undefined) continue;
    const own = BigInt.asUintN(bits, value);
    if (!choices.has(own)) choices.set(own, name);
  }
  const flags = (set.flags ?? []).flatMap((name) => {
    const value = findPrintedConstant(name);
    if (value === undefined || value === 0n) return [];
    return [[BigInt.asUintN(bits, value), name] as const];
  });
  const { mask } = set;
  return {
    choices,
    flags,
    ...(mask === undefined ? {} : { mask }),
    ...(set.shifted === undefined ? {} : { shifted: set.shifted }),
    choiceLast: set.choiceLast === true,
    bits,
    unknown: rest.unknown ?? "",
    isDecimal: rest.isDecimal ?? set.isNumber === true,
    octal: set.octal ?? 0n,
    isBlank: rest.isBlank === true,
    isSplit: rest.isSplit === true,
    known: new Map(),
  };
}
