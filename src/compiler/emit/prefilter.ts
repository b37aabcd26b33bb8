/** Leaves a call alone before any text or struct of it is read, where numbers and ids already say that no rule can match. */

import type { BoolExpr } from "../../language/checked/index.ts";
import { factsOf } from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { groupOf } from "../../variables/index.ts";
import type { PlannedRule } from "../plan/block.ts";
import { prefilter } from "../plan/prefilter.ts";
import { readPlaces } from "../plan/struct-field.ts";
import { emitCondition } from "./conditions.ts";
import type { Context } from "./context.ts";
import { fillFields } from "./fields.ts";

/** With more rules than this on a call, what is saved is not worth evaluating cheap conditions twice. */
const MAX_CONDITIONS = 16;

/** Goes to `none` if no rule of the block can match; where nothing can be said, no code is made. */
export function emitPrefilter(c: Context, none: string): void {
  const { block } = c;
  const readsMemory = block.strings.length > 0 || readPlaces(block.before).length > 0;
  if (!readsMemory && block.after.length === 0) return;
  emitMayMatch(c, [...block.before, ...block.after], none);
}

/** Goes to `none` if none of the rules can match; where nothing can be said, no code is made. */
export function emitMayMatch(c: Context, rules: readonly PlannedRule[], none: string): void {
  const { a } = c;
  const conditions: { readonly presentation: Presentation; readonly expr: BoolExpr }[] = [];
  for (const { candidates } of rules) {
    for (const { target, presentation } of candidates) {
      if (target.filter === undefined) return;
      const expr = prefilter(target.filter, presentation);
      if (expr.kind === "constant" && expr.value) return;
      conditions.push({ presentation, expr });
    }
  }
  if (conditions.length > MAX_CONDITIONS) return;
  for (const { expr } of conditions) {
    for (const name of factsOf(expr).variables) {
      const group = groupOf(name);
      if (group !== undefined) fillFields(c, [group]);
    }
  }
  const maybe = a.newLabel("may_match");
  conditions.forEach(({ presentation, expr }, i) => {
    const next = i + 1 < conditions.length ? a.newLabel("may_match_next") : none;
    // only what is always readable is asked
    emitCondition(c, presentation, expr, { yes: maybe, no: next, unreadable: maybe });
    if (next !== none) a.label(next);
  });
  a.label(maybe);
}
