/** A command line by the rules of getopt_long: options up to the first operand, values attached or behind. */
import { LONG_OPTIONS, SHORT_OPTIONS } from "./option-table.ts";
import { OWN_OPTIONS } from "./own-options.ts";
import { TraceUsageError } from "./usage-error.ts";

export interface GivenOption {
  /** A short option, or the name of a long one that has none; `e` for expressions. */
  readonly name: string;
  readonly value: string | undefined;
  /** As it was written. */
  readonly written: string;
}

export interface GivenWords {
  readonly options: readonly GivenOption[];
  readonly operands: readonly string[];
}

export function readWords(words: readonly string[]): GivenWords {
  const options: GivenOption[] = [];
  let at = 0;
  const next = (missing: string): string => {
    const value = words[at];
    if (value === undefined) throw new TraceUsageError(missing, true);
    at++;
    return value;
  };
  while (at < words.length) {
    const word = words[at] ?? "";
    if (!word.startsWith("-") || word === "-") break;
    at++;
    if (word === "--") break;
    if (word.startsWith("--")) options.push(readLong(word, next));
    else readShort(word, next, options);
  }
  return { options, operands: words.slice(at) };
}

function readShort(word: string, next: (missing: string) => string, into: GivenOption[]): void {
  for (let i = 1; i < word.length; i++) {
    const name = word.charAt(i);
    const place = name === ":" ? -1 : SHORT_OPTIONS.indexOf(name);
    if (place < 0) throw new TraceUsageError(`invalid option -- '${name}'`, true);
    const written = `-${name}`;
    if (SHORT_OPTIONS[place + 1] !== ":") {
      into.push({ name, value: undefined, written });
      continue;
    }
    const rest = word.slice(i + 1);
    const value = rest === "" ? next(`option requires an argument -- '${name}'`) : rest;
    into.push({ name, value, written });
    return;
  }
}

function readLong(word: string, next: (missing: string) => string): GivenOption {
  const [, given = "", attached] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
  const name = completed(given, [...Object.keys(LONG_OPTIONS), ...Object.keys(OWN_OPTIONS)]);
  const option = LONG_OPTIONS[name] ?? OWN_OPTIONS[name];
  const written = `--${name}`;
  if (option === undefined) throw new TraceUsageError(`unrecognized option '--${given}'`, true);
  if (option.value === "none" && attached !== undefined)
    throw new TraceUsageError(`option '${written}' doesn't allow an argument`, true);
  const value =
    option.value === "needed" && attached === undefined
      ? next(`option '${written}' requires an argument`)
      : attached;
  if (option.key === undefined) return { name: option.as, value, written };
  return { name: option.as, value: `${option.key}=${value ?? ""}`, written };
}

/** A name may be cut where only one begins so. */
function completed(given: string, names: readonly string[]): string {
  if (names.includes(given) || given === "") return given;
  const meant = names.filter((name) => name.startsWith(given));
  const targets = new Set(meant.map((name) => JSON.stringify(LONG_OPTIONS[name] ?? name)));
  if (targets.size > 1) {
    const list = meant.map((name) => `'--${name}'`).join(" ");
    throw new TraceUsageError(`option '--${given}' is ambiguous; possibilities: ${list}`, true);
  }
  return meant[0] ?? given;
}
