/** From the language's string operators to automata, and their value where the text is known beforehand. */

import type { StringOp } from "../../language/checked/index.ts";
import { compileRegex, parseGlob } from "../../language/index.ts";
import { buildDfa, type Dfa, DfaTooLargeError, dfaAccepts } from "../dfa/dfa.ts";
import { globPattern } from "../dfa/glob-pattern.ts";
import {
  containing,
  endingWith,
  literal,
  literalIgnoringCase,
  type Pattern,
  sortingBefore,
  startingWith,
} from "../dfa/pattern.ts";
import { regexPattern } from "../dfa/regex-pattern.ts";
import { unionOf } from "../dfa/union.ts";
import type { DfaTable, PlacedDfa } from "./tables.ts";

export type UnionOp =
  | "startswith"
  | "endswith"
  | "contains"
  | "icontains"
  | "matches"
  | "=~"
  | "!~";

const NEGATED: ReadonlySet<StringOp> = new Set(["!=", ">", ">=", "!~"]);

/** The automaton of an operator; throws a DfaTooLargeError. */
export function buildFor(op: StringOp, pattern: Uint8Array): Dfa {
  return buildDfa(patternOf(op, pattern), { complement: NEGATED.has(op) });
}

/** Of the operators in NEGATED, what they do not hold for. */
export function patternOf(op: StringOp, pattern: Uint8Array): Pattern {
  switch (op) {
    case "==":
    case "!=":
      return literal(pattern);
    case "<":
    case ">=":
      return sortingBefore(pattern, false);
    case "<=":
    case ">":
      return sortingBefore(pattern, true);
    case "startswith":
      return startingWith(literal(pattern));
    case "endswith":
      return endingWith(literal(pattern));
    case "contains":
      return containing(literal(pattern));
    case "icontains":
      return containing(literalIgnoringCase(pattern));
    case "matches":
      return globPattern(parseGlob(pattern));
    case "=~":
    case "!~":
      return regexPattern(compileRegex(pattern).program(), Buffer.from(pattern).toString("hex"));
  }
}

export function automatonOf(tables: DfaTable, op: StringOp, pattern: Uint8Array): PlacedDfa {
  return tables.place(`${op} ${Buffer.from(pattern).toString("hex")}`, () => buildFor(op, pattern));
}

/** One automaton that accepts what any of the tests does, or what all of them do if they are negative; undefined: it would be too large. */
export function unionAutomaton(
  tables: DfaTable,
  tests: readonly { readonly op: UnionOp; readonly pattern: Uint8Array }[],
): PlacedDfa | undefined {
  const keys = tests.map(({ op, pattern }) => `${op} ${Buffer.from(pattern).toString("hex")}`);
  const complement = tests.some(({ op }) => NEGATED.has(op));
  return tables.placeIfSmall(`any ${keys.join(",")}`, () => {
    const { pattern, size } = unionOf(tests.map((test) => patternOf(test.op, test.pattern)));
    // known before it is tried
    if (size > MAX_UNION_STATES) throw new DfaTooLargeError(MAX_UNION_STATES);
    return buildDfa(pattern, { maxStates: MAX_UNION_STATES, complement });
  });
}

/** Patterns that begin with `*` can multiply each other's states; several small automata are better than that. */
const MAX_UNION_STATES = 4096;

export function literalsAutomaton(tables: DfaTable, values: readonly Uint8Array[]): PlacedDfa {
  const key = `in ${values.map((v) => Buffer.from(v).toString("hex")).join(",")}`;
  return tables.place(key, () => buildForAny(values));
}

/** The automaton of a set of texts; throws a DfaTooLargeError. */
export function buildForAny(values: readonly Uint8Array[]): Dfa {
  return buildDfa(unionOf(values.map(literal)).pattern);
}

export function staticTest(op: StringOp, text: Uint8Array, pattern: Uint8Array): boolean {
  return dfaAccepts(buildFor(op, pattern), text);
}
