/** From the language's string operators to automata, and their value where the text is known beforehand. */

import type { StringOp } from "../language/checked.ts";
import { parseGlob } from "../language/index.ts";
import { buildDfa, type Dfa, dfaAccepts } from "./dfa/dfa.ts";
import {
  containing,
  endingWith,
  literal,
  literalIgnoringCase,
  sortingBefore,
  startingWith,
} from "./dfa/pattern.ts";
import { globPattern } from "./glob-pattern.ts";
import type { DfaTable, PlacedDfa } from "./tables.ts";

/** Operators that have an automaton; `=~` needs more and is refused by the caller. */
export function buildFor(op: StringOp, pattern: Uint8Array): Dfa {
  switch (op) {
    case "==":
      return buildDfa(literal(pattern));
    case "!=":
      return buildDfa(literal(pattern), { complement: true });
    case "<":
      return buildDfa(sortingBefore(pattern, false));
    case "<=":
      return buildDfa(sortingBefore(pattern, true));
    case ">":
      return buildDfa(sortingBefore(pattern, true), { complement: true });
    case ">=":
      return buildDfa(sortingBefore(pattern, false), { complement: true });
    case "startswith":
      return buildDfa(startingWith(literal(pattern)));
    case "endswith":
      return buildDfa(endingWith(literal(pattern)));
    case "contains":
      return buildDfa(containing(literal(pattern)));
    case "icontains":
      return buildDfa(containing(literalIgnoringCase(pattern)));
    case "matches":
      return buildDfa(globPattern(parseGlob(pattern)));
    case "=~":
    case "!~":
      throw new Error("regular expressions are refused before code is made");
  }
}

export function automatonOf(tables: DfaTable, op: StringOp, pattern: Uint8Array): PlacedDfa {
  return tables.place(`${op} ${Buffer.from(pattern).toString("hex")}`, () => buildFor(op, pattern));
}

export function literalsAutomaton(tables: DfaTable, values: readonly Uint8Array[]): PlacedDfa {
  const key = `in ${values.map((v) => Buffer.from(v).toString("hex")).join(",")}`;
  return tables.place(key, () => buildDfa({ kind: "choice", items: values.map(literal) }));
}

export function staticTest(op: StringOp, text: Uint8Array, pattern: Uint8Array): boolean {
  return dfaAccepts(buildFor(op, pattern), text);
}
