/** Rules and calls that differ a little from others, so that they get a little further. */
import type { Chance } from "./chance.ts";
import type { RandomRule } from "./generate.ts";
import { type Argument, NUMBER_FIELDS, type NumberField, type RandomCall } from "./random-call.ts";

/** What a rule set may have; a longer filter is not joined with another. */
const MAX_RULES = 4;
const MAX_FILTER = 1500;
const COMM_LENGTH = 15;
const ARGUMENTS = 6;
const I64_MAX = (1n << 63n) - 1n;

export function mutateRules(
  rules: readonly RandomRule[],
  chance: Chance,
  rule: () => RandomRule,
): readonly RandomRule[] {
  const at = chance.below(rules.length);
  const old = rules[at] as RandomRule;
  const instead = (one: RandomRule): readonly RandomRule[] => rules.with(at, one);
  switch (chance.below(6)) {
    case 0:
      return instead(rule());
    case 1:
      return rules.length < MAX_RULES ? [...rules, rule()] : rules.toSpliced(at, 1);
    case 2:
      return rules.length > 1 ? rules.toSpliced(at, 1) : instead(rule());
    case 3:
      return instead({ ...old, filter: `!(${old.filter})` });
    case 4: {
      const { match, unreadable, continues, frequency } = rule();
      return instead({ ...old, match, unreadable, continues, frequency });
    }
    default: {
      const { call, filter } = ruleOf(old, rule);
      // parameters of one call are not those of another
      const fits = call === old.call && old.filter.length + filter.length <= MAX_FILTER;
      if (!fits) return instead(rule());
      return instead({ ...old, filter: `(${old.filter}) ${chance.of(["&&", "||"])} (${filter})` });
    }
  }
}

/** One that looks at the call at the same time, where there soon is one. */
function ruleOf({ after }: RandomRule, rule: () => RandomRule): RandomRule {
  for (;;) {
    const one = rule();
    if (one.after === after) return one;
  }
}

/** What rules look at, and what they compare it with. */
export interface Interest {
  readonly texts: readonly string[];
  readonly numbers: readonly bigint[];
  /** Parts of a call that can change what the rules decide. */
  readonly parts: readonly Part[];
}

type Part = NumberField | "comm" | "pcomm" | "retval" | "duration" | number;

const QUOTED = /"(?:[^"\\]|\\.)*"/g;

export function interestOf(rules: readonly RandomRule[]): Interest {
  const filters = rules.map(({ filter }) => filter).join(" ");
  const texts = (filters.match(QUOTED) ?? []).map((text) => plausible(textOf(text)));
  const code = filters.replace(QUOTED, "");
  const numbers = (code.match(/\b(?:0x[\da-f]+|\d+)\b/g) ?? []).map(BigInt);
  const words = new Set(code.match(/\b[A-Z]+\b(?!\[)/g));
  const named = ([...NUMBER_FIELDS, "comm", "pcomm", "retval", "duration"] as const).filter(
    (name) => words.has(name.toUpperCase()),
  );
  // a parameter is in this register, or in the one behind it where a directory comes first
  const args = [...code.matchAll(/PARAMS\[(\d)\]/g)].flatMap(([, n]) => [Number(n) - 1, Number(n)]);
  // of execve, and of execveat
  if (code.includes("ARGV")) args.push(1, 2);
  if (code.includes("ENVP")) args.push(2, 3);
  const parts = [...named, ...new Set(args.filter((at) => at < ARGUMENTS))];
  return { texts: [...texts, ""], numbers: [...numbers, 0n], parts };
}

/** What a text of a rule says: as in JSON, but for bytes. */
function textOf(quoted: string): string {
  return JSON.parse(quoted.replace(/\\x/g, "\\u00")) as string;
}

/** What a pattern stands for, roughly; other texts as they are. */
function plausible(text: string): string {
  return text
    .replace(/\[[^/]*\]/g, "b")
    .replace(/\{([^,}]*)[^}]*\}/g, "$1")
    .replace(/\*\*/g, "a/b")
    .replace(/[*?]/g, "a");
}

export function mutateCall(
  call: RandomCall,
  chance: Chance,
  { texts, numbers, parts }: Interest,
  another: RandomCall,
): RandomCall {
  // the code of each presentation is there for itself
  const pick = chance.is(1 / 2) ? another.pick : call.pick;
  let made: RandomCall = { ...call, pick, caller: another.caller };
  const text = (): string => nearText(chance.of(texts), chance);
  const number = (): bigint => nearNumber(chance.of(numbers), chance);
  for (let n = chance.below(Math.min(4, parts.length + 1)); n > 0; n--) {
    const part = chance.of(parts);
    if (typeof part === "number") {
      const old = (chance.is(1 / 2) ? another : made).args[part] as Argument;
      made = { ...made, args: made.args.with(part, mutateArgument(old, chance, text, number)) };
    } else if (part === "comm" || part === "pcomm")
      // a name has no NUL in it
      made = { ...made, [part]: (text().split("\0")[0] ?? "").slice(0, COMM_LENGTH) };
    else if (part === "retval")
      made = { ...made, retval: BigInt.asIntN(64, chance.is(1 / 2) ? -number() : number()) };
    else if (part === "duration") made = { ...made, duration: number() & I64_MAX };
    else {
      const value = Number(BigInt.asUintN(32, number()));
      made = { ...made, numbers: { ...made.numbers, [part]: value } };
    }
  }
  return made;
}

function mutateArgument(
  old: Argument,
  chance: Chance,
  text: () => string,
  number: () => bigint,
): Argument {
  if (chance.is(1 / 4)) return old;
  const isKept = chance.is(1 / 2);
  if (isKept && old.kind === "words") {
    const at = chance.below(old.words.length);
    return { ...old, words: old.words.with(at, BigInt.asUintN(64, number())) };
  }
  if (isKept && old.kind === "list" && old.texts.length > 0)
    return { ...old, texts: old.texts.with(chance.below(old.texts.length), text()) };
  if (isKept && old.kind === "pieces" && old.pieces.length > 0)
    return { ...old, pieces: old.pieces.with(chance.below(old.pieces.length), text()) };
  if (isKept && old.kind === "text") return { ...old, text: nearText(old.text, chance) };
  if (isKept && old.kind === "number") return { ...old, value: nearNumber(old.value, chance) };
  if (chance.is(1 / 2)) return { kind: "text", text: text() };
  return { kind: "number", value: BigInt.asUintN(64, number()) };
}

function nearText(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1);
  switch (chance.below(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(at);
    case 2:
      return text.slice(0, at) + chance.of(["a", "/", ".", "b"]) + text.slice(at);
    case 3:
      return text + text;
    default:
      return text;
  }
}

function nearNumber(value: bigint, chance: Chance): bigint {
  switch (chance.below(6)) {
    case 0:
      return BigInt.asUintN(64, value + 1n);
    case 1:
      return BigInt.asUintN(64, value - 1n);
    case 2:
      return BigInt.asUintN(64, -value);
    case 3:
      return value ^ (1n << BigInt(chance.below(64)));
    default:
      return value;
  }
}
