/** Sets as -e writes them: `[!]all`, `[!]none`, `[!]VALUE[,VALUE]...`. */

import { type Table, table } from "../../base/table.ts";
import type { CallSet } from "../../engines/strace/index.ts";
import type { Abi } from "../../language/index.ts";
import { abis, callName, findCall, nativeAbi, wordSize } from "../../linux/index.ts";
import { groupMembers } from "./call-groups.ts";
import { TraceUsageError } from "./usage-error.ts";

/** Above every number of a call. */
const MOST_CALLS = 1024;

/** What `value` stands for; undefined: nothing. */
export type SetWord<T> = (value: string) => readonly T[] | undefined;

/** A set of `all`; `what` names a word that means nothing: `invalid signal 'FOO'`. */
export function parseSet<T>(
  text: string,
  {
    all,
    word,
    what,
  }: { readonly all: readonly T[]; readonly word: SetWord<T>; readonly what: string },
): Set<T> {
  const { isInverted, rest } = inverted(text);
  const named = new Set<T>();
  if (rest === "all") for (const one of all) named.add(one);
  else if (rest !== "none")
    for (const value of wordsOfSet(rest)) {
      const members = value === "" ? undefined : word(value);
      if (members === undefined) throw new TraceUsageError(`invalid ${what} '${value}'`);
      for (const member of members) named.add(member);
    }
  return isInverted ? new Set(all.filter((one) => !named.has(one))) : named;
}

/** As strace does, nothing is made of a comma too many; but a set of commas alone means nothing. */
export function wordsOfSet(text: string): readonly string[] {
  const words = text.split(",").filter((word) => word !== "");
  return words.length === 0 ? [text] : words;
}

/** Each `!` inverts what is behind it. */
function inverted(text: string): { readonly isInverted: boolean; readonly rest: string } {
  const [marks = ""] = /^!*/.exec(text) ?? [];
  return { isInverted: marks.length % 2 === 1, rest: text.slice(marks.length) };
}

/** Calls that several `-e trace=` name together. */
export class CallSetBuilder {
  readonly #tables: Readonly<Record<Abi, Uint8Array>> = {
    x86_64: new Uint8Array(MOST_CALLS),
    i386: new Uint8Array(MOST_CALLS),
  };
  /** Numbers that no table holds. */
  #hasOthers = false;
  #isGiven = false;

  get isGiven(): boolean {
    return this.#isGiven;
  }

  add(text: string): void {
    this.#isGiven = true;
    const { isInverted, rest } = inverted(text);
    const named = { x86_64: new Set<number>(), i386: new Set<number>() };
    if (rest === "all")
      for (const abi of abis) for (let nr = 0; nr < MOST_CALLS; nr++) named[abi].add(nr);
    else if (rest !== "none") for (const value of wordsOfSet(rest)) addValue(named, value);
    for (const abi of abis)
      for (let nr = 0; nr < MOST_CALLS; nr++)
        if (named[abi].has(nr) !== isInverted) this.#tables[abi][nr] = 1;
    this.#hasOthers ||= (rest === "all") !== isInverted;
  }

  /** `whenAbsent`: of every call, where nothing was added. */
  build(whenAbsent: boolean): CallSet {
    if (!this.#isGiven) return () => whenAbsent;
    const tables = this.#tables;
    const native = tables[nativeAbi];
    const others = this.#hasOthers;
    return (nr, abi) => {
      const table = abi === nativeAbi ? native : tables[abi];
      return nr >= 0 && nr < MOST_CALLS ? table[nr] === 1 : others;
    };
  }
}

/** By the bits of a register; there is no x32 here. */
function abiOf(personality: string): Abi | undefined {
  return abis.find((abi) => String(8 * wordSize(abi)) === personality);
}

function addValue(named: Readonly<Record<Abi, Set<number>>>, value: string): void {
  const [, optional = "", name = "", personality] =
    /^(\??)(.*?)(?:@(64|32|x32))?$/.exec(value) ?? [];
  const only = personality === undefined ? undefined : (abiOf(personality) ?? "none");
  let isFound = false;
  for (const abi of abis) {
    const numbers = numbersOf(name, abi);
    isFound ||= numbers.length > 0;
    if (only !== undefined && only !== abi) continue;
    for (const nr of numbers) named[abi].add(nr);
  }
  if (!isFound && optional === "") throw new TraceUsageError(`invalid system call '${value}'`);
}

/** Names that an ABI has under another one. */
const OTHER_NAMES: Readonly<Record<Abi, Table<string>>> = {
  x86_64: table({ fstatat64: "newfstatat" }),
  i386: table({ mmap: "oldmmap" }),
};

function numbersOf(name: string, abi: Abi): readonly number[] {
  if (name === "") return [];
  if (name.startsWith("/")) return matching(name.slice(1), abi);
  if (/^\d+$/.test(name)) {
    const nr = Number(name);
    return callName(nr, abi) === undefined ? [] : [nr];
  }
  const names = groupMembers(name) ?? [name];
  return names.flatMap((one) => {
    const call = findCall(one, abi) ?? findCall(OTHER_NAMES[abi][one] ?? "", abi);
    return call === undefined ? [] : [call.nr];
  });
}

function matching(pattern: string, abi: Abi): readonly number[] {
  const expression = compile(pattern);
  const numbers: number[] = [];
  for (let nr = 0; nr < MOST_CALLS; nr++) {
    const name = callName(nr, abi);
    if (name !== undefined && expression.test(name)) numbers.push(nr);
  }
  return numbers;
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    throw new TraceUsageError(`/${pattern}: invalid regular expression`);
  }
}
