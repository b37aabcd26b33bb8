/** The rules of one block in order: guards, filter, then the match; the first that matches ends the moment. */

import { R0, R1, R2, type Register } from "../../bpf/asm/index.ts";
import { RecordFlag } from "../../events/layout.ts";
import { factsOf } from "../../language/index.ts";
import { groupOf } from "../../variables/index.ts";
import type { PlannedRule } from "../plan/block.ts";
import { oneOfEach } from "../plan/kinds.ts";
import { emitCondition } from "./conditions.ts";
import type { Context } from "./context.ts";
import { countRare } from "./counters.ts";
import { type Case, emitDispatch } from "./dispatch.ts";
import { fillFields } from "./fields.ts";
import { emitBundle } from "./group.ts";
import { type Deferral, Reports } from "./report.ts";
import { type Bundle, rulesTogether } from "./segments.ts";
import { emitUnlessPathRefused } from "./string-tests.ts";
import { loadSource } from "./values.ts";

/** Label of the code of the rule at `position`. */
function ruleLabel(prefix: string, position: number): string {
  return `${prefix}.rule${position}`;
}

/** Goes to the code of the rule whose position is in the area and in the register; to `otherwise` for another number. */
export function emitRuleEntries(
  c: Context,
  rules: readonly PlannedRule[],
  prefix: string,
  register: Register,
  otherwise: string,
): void {
  const { a } = c;
  const cases: Case[] = [];
  for (const segment of rulesTogether(c, rules)) {
    if ("planned" in segment) {
      const { position } = segment;
      cases.push({ value: position, label: ruleLabel(prefix, position) });
      continue;
    }
    const next = a.newLabel("next_bundle");
    a.jump("lt", register, segment.first, next);
    a.jump("lt", register, segment.end, lateLabel(prefix, segment)).label(next);
  }
  emitDispatch(a, register, cases, otherwise);
}

/** Label of the code of a bundle for rules from the position in the area on. */
function lateLabel(prefix: string, { first }: Bundle): string {
  return `${ruleLabel(prefix, first)}.from`;
}

/** Tests see what is decided: of the rule, or of that whose row is at r0. */
export type EmitVerdict = (planned: PlannedRule | "row", unreadable: boolean) => void;

/**
 * Emits all rules; control leaves to `done`. `defer` puts a rule off to the exit of the call (stage enter only).
 * `verdict` is emitted behind a match, for tests.
 */
export function emitRules(
  c: Context,
  rules: readonly PlannedRule[],
  prefix: string,
  done: string,
  defer: Deferral | undefined,
  verdict?: EmitVerdict,
): void {
  const { a } = c;
  // what any filter needs is loaded once, before the first rule: later rules may be entered directly
  for (const { candidates } of oneOfEach(rules)) {
    for (const { target } of candidates) {
      for (const name of factsOf(target.filter).variables) {
        const group = groupOf(name);
        if (group !== undefined) fillFields(c, [group]);
      }
    }
  }
  const reports = new Reports(c, defer, done);
  for (const segment of rulesTogether(c, rules)) {
    const end = "planned" in segment ? segment.position + 1 : segment.end;
    const next = end < rules.length ? ruleLabel(prefix, end) : done;
    if ("groups" in segment) {
      const labels = { start: ruleLabel(prefix, segment.first), late: lateLabel(prefix, segment) };
      const seen = verdict && ((unreadable: boolean) => verdict("row", unreadable));
      emitBundle(c, segment, labels, { next, done, defer, reports, verdict: seen });
      continue;
    }
    const { planned, position } = segment;
    a.label(ruleLabel(prefix, position));
    const away = defer?.at(position);
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
  }
  a.at(undefined);
  reports.emit();
}
