/** Words in which rows of calls are written. Parameters of real calls go by their names. */
import type { Abi } from "../../language/vocabulary.ts";

/**
 * Where a parameter comes from: name of a parameter of the real call; memory a parameter points to; a constant
 * of the headers (or several, or-ed: `O_CREAT|O_WRONLY`); a number; the process of a pidfd; or nowhere.
 */
export type From =
  | string
  | ParamMemory
  | { readonly constant: string }
  | { readonly process: string }
  | bigint
  | Lacking;

/** The real call has no such parameter. */
export interface Lacking {
  /** What it has in its place, for people. */
  readonly instead: string;
  /**
   * How rules on the parameter treat the call. undecided: it has the same in a form in which nobody looks for it, so
   * `on_unreadable` of the rule decides; false: there is no such thing, and no comparison with it holds.
   */
  readonly rules: "undecided" | "false";
}

export interface ParamMemory {
  readonly at: string;
  readonly offset: number;
  readonly size: 1 | 2 | 4 | 8;
  readonly vector?: VectorField;
  readonly isTimespec?: true;
}

/** Not this field alone: that of all elements of an array, which parameter `count` counts. */
interface VectorField {
  readonly count: string;
  readonly holds: "text" | "length";
}

/** (value & mask) == value; masks and values are names of constants or numbers. */
export interface VariantCondition {
  readonly of: string | ParamMemory;
  readonly mask: string | bigint;
  readonly value: string | bigint;
}

/** A real call that does what a name stands for; `params` in the order of the name's own. */
export interface Variant {
  readonly call: string;
  readonly params: readonly From[];
  readonly when: readonly VariantCondition[];
  /** Absent: on each ABI that has the call. */
  readonly abi?: Abi;
}

export function via(call: string, params: readonly From[], ...when: VariantCondition[]): Variant {
  return { call, params, when };
}

/** Only on i386: the call of that name is missing or means something else on x86_64. */
export function i386(call: string, params: readonly From[], ...when: VariantCondition[]): Variant {
  return { call, params, when, abi: "i386" };
}

export function x86_64(
  call: string,
  params: readonly From[],
  ...when: VariantCondition[]
): Variant {
  return { call, params, when, abi: "x86_64" };
}

/** Call `name` (SYS_CONNECT …) of socketcall: its arguments are an array of 32-bit words in memory. */
export function socketcall(name: string, params: readonly (number | bigint)[]): Variant {
  const from = params.map((index) =>
    typeof index === "number" ? memory("args", 4 * index, 4) : index,
  );
  return i386("socketcall", from, { of: "call", mask: 0xffffffffn, value: name });
}

/** Call `name` (SEMOP …) of ipc; the upper half of the number is a version. */
export function ipc(name: string, params: readonly From[]): Variant {
  return i386("ipc", params, { of: "call", mask: 0xffffn, value: name });
}

export function undecided(instead: string): Lacking {
  return { instead, rules: "undecided" };
}

export function isLacking(from: From): from is Lacking {
  return typeof from === "object" && "instead" in from;
}

export function memory(at: string, offset: number, size: 1 | 2 | 4 | 8): ParamMemory {
  return { at, offset, size };
}

/** A struct timespec as a number of milliseconds. */
export function timespecMs(at: string, word: 4 | 8): ParamMemory {
  return { ...memory(at, 0, word), isTimespec: true };
}

/** Text and length of an array of struct iovec. */
export function iovecs(
  at: string,
  count: string,
  word: 4 | 8,
): readonly [ParamMemory, ParamMemory] {
  return [
    { ...memory(at, 0, word), vector: { count, holds: "text" } },
    { ...memory(at, word, word), vector: { count, holds: "length" } },
  ];
}

export function set(of: string | ParamMemory, flag: string): VariantCondition {
  return { of, mask: flag, value: flag };
}

export function clear(of: string | ParamMemory, flag: string): VariantCondition {
  return { of, mask: flag, value: 0n };
}

/** A NULL pointer. */
export function none(of: string): VariantCondition {
  return { of, mask: 0xffffffffffffffffn, value: 0n };
}

/** Instead of conditions: none is needed. */
export const always: readonly VariantCondition[] = [];

export function noFollow(flags: string): readonly VariantCondition[] {
  return [set(flags, "AT_SYMLINK_NOFOLLOW")];
}

export function emptyPath(flags: string): readonly VariantCondition[] {
  return [set(flags, "AT_EMPTY_PATH")];
}

/** `count` 32-bit words that parameter `at` points to. */
export function wordsAt(at: string, count: number): readonly ParamMemory[] {
  return Array.from({ length: count }, (_, index) => memory(at, 4 * index, 4));
}
