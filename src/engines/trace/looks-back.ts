/**
 * Whether a thread may continue from the return of a call while its rules are still evaluated: they do nothing to it,
 * and all that they look at and show is known by then. What lies in memory that the call may have written, or in
 * /proc, has to be read while the thread waits.
 */
import { extraMacros } from "../../events/index.ts";
import { type BoolExpr, type CheckedRule, factsOf, NODE_TRAITS } from "../../language/index.ts";
import { type VariableName, variable } from "../../variables/index.ts";
import type { Needs } from "../supervised/needs.ts";

/** `rules`: the `after` rules of one call. */
export function looksBackOnly(rules: readonly CheckedRule[], needs: Needs): boolean {
  const { variables, fleeting, cmdline, path } = needs;
  // directories that names begin at are read when the call is made, and kept
  if (fleeting || cmdline || path) return false;
  return [...variables].every(isKept) && rules.every(isKnown);
}

function isKept(name: VariableName): boolean {
  return variable(name).kept;
}

function isKnown(rule: CheckedRule): boolean {
  const { actions, limit, targets } = rule;
  return (
    actions.every(({ type }) => type === "LOG") &&
    extraMacros(rule).length === 0 &&
    (limit?.per === undefined || isKept(limit.per)) &&
    targets.every(
      ({ filter, presentations }) =>
        looksAtKnown(filter) &&
        presentations.every(
          ({ params, guards }) =>
            params.every(({ source }) => source.kind !== "memory") &&
            guards.every(({ source }) => source.kind !== "memory"),
        ),
    )
  );
}

function looksAtKnown(filter: BoolExpr | undefined): boolean {
  const { kinds, variables } = factsOf(filter);
  return [...kinds].every((kind) => NODE_TRAITS[kind].kept) && [...variables].every(isKept);
}
