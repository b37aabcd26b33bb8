/** The rules of one block in order: guards, filter, then the match; the first that matches ends the moment. */

import { R0, R1, R2 } from "../../bpf/asm/index.ts";
import { RecordFlag } from "../../events/layout.ts";
import { factsOf } from "../../language/index.ts";
import { groupOf } from "../../variables/index.ts";
import type { PlannedRule } from "../plan/block.ts";
import { emitCondition } from "./conditions.ts";
import type { Context } from "./context.ts";
import { countRare } from "./counters.ts";
import { fillFields } from "./fields.ts";
import { Reports } from "./report.ts";
import { emitUnlessPathRefused } from "./string-tests.ts";
import { loadSource } from "./values.ts";

/** Label of the code of the rule at `position`, for late evaluation to enter in the middle. */
export function ruleLabel(prefix: string, position: number): string {
  return `${prefix}.rule${position}`;
}

/**
 * Emits all rules; control leaves to `done`. `defer` gives the label to put a rule off to the exit of the call
 * (stage enter only). `verdict` is emitted behind a match, for tests.
 */
export function emitRules(
  c: Context,
  rules: readonly PlannedRule[],
  prefix: string,
  done: string,
  defer: ((position: number) => string) | undefined,
  verdict?: (planned: PlannedRule, unreadable: boolean) => void,
): void {
  const { a } = c;
  // what any filter needs is loaded once, before the first rule: later rules may be entered directly
  for (const { candidates } of rules) {
    for (const { target } of candidates) {
      for (const name of factsOf(target.filter).variables) {
        const group = groupOf(name);
        if (group !== undefined) fillFields(c, [group]);
      }
    }
  }
  const reports = new Reports(c, defer, done);
  rules.forEach((planned, position) => {
    const next = position + 1 < rules.length ? ruleLabel(prefix, position + 1) : done;
    a.label(ruleLabel(prefix, position));
    const away = defer?.(position);
    planned.candidates.forEach((candidate, i) => {
      const { target, presentation } = candidate;
      const last = i + 1 === planned.candidates.length;
      const other = last ? next : a.newLabel("other_presentation");
      const matched = a.newLabel("matched");
      const unreadable = a.newLabel("undecided");
      a.at(target.span);
      for (const guard of presentation.guards) {
        if (guard.source.kind === "absent") continue;
        // memory that stays unreadable does not satisfy a guard
        loadSource(c, guard.source, away ?? other);
        a.loadImm(R1, guard.mask).and(R0, R1).loadImm(R2, guard.value).jump("ne", R0, R2, other);
      }
      if (target.filter === undefined) a.goto(matched);
      else {
        emitCondition(c, presentation, target.filter, { yes: matched, no: next, unreadable });
      }
      const finish = (isUnreadable: boolean): void => {
        const onTaken = (): void => verdict?.(planned, isUnreadable);
        const decided = isUnreadable ? RecordFlag.unreadable : 0;
        const behind = planned.rule.continue ? next : done;
        if (planned.rule.frequency === undefined) onTaken();
        reports.match({ planned, candidate, position, next, onTaken }, decided, behind);
      };
      a.label(unreadable);
      if (away === undefined) emitUnlessPathRefused(c, presentation, target.filter, next);
      if (away !== undefined) a.goto(away);
      else if (planned.rule.onUnreadable === "match") finish(true);
      else {
        countRare(c, planned.ruleIndex, "unreadable");
        a.goto(next);
      }
      a.label(matched);
      finish(false);
      if (!last) a.label(other);
    });
  });
  a.at(undefined);
  reports.emit();
}
