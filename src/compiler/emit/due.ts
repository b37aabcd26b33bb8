/**
 * Whether a rule takes a call that matches, asked once for each call. Most calls meet their rules once. Two kinds do
 * not: those that SUSPEND has stopped are made again, and some reach their security hook for each of several files.
 * There the area keeps, as bits, which rules were asked and what the answers were.
 */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { R1, R2, R9 } from "../../bpf/asm/index.ts";
import { AreaOffset } from "../layout/area.ts";
import { repeatsHooks, stopsCalls } from "../layout/needs.ts";
import type { Block, PlannedRule } from "../plan/block.ts";
import type { Context } from "./context.ts";
import { emitFrequency } from "./frequency.ts";

const BITS = 64;

/** For a match: goes to `passed` if the rule does not take the call. Clobbers r0 … r5. */
export function emitDue(c: Context, { rule, ruleIndex }: PlannedRule, passed: string): void {
  if (rule.frequency !== undefined) emitFrequency(c, ruleIndex, rule.frequency, passed);
}

/** The same where the call may have been here before. */
export function emitDueOnce(c: Context, planned: PlannedRule, passed: string): void {
  const { a } = c;
  const bit = mayAskAgain(c) ? askedRules(c.block).indexOf(planned) : -1;
  if (bit < 0) {
    emitDue(c, planned, passed);
    return;
  }
  const known = a.newLabel("asked_before");
  const due = a.newLabel("due");
  a.load("u64", R1, R9, AreaOffset.asked).loadImm(R2, 1n << BigInt(bit));
  a.jump("set", R1, R2, known).or(R1, R2).store("u64", R9, AreaOffset.asked, R1);
  a.load("u64", R1, R9, AreaOffset.due).xor(R2, -1).and(R1, R2);
  a.store("u64", R9, AreaOffset.due, R1);
  emitDue(c, planned, passed);
  a.loadImm(R2, 1n << BigInt(bit))
    .load("u64", R1, R9, AreaOffset.due)
    .or(R1, R2);
  a.store("u64", R9, AreaOffset.due, R1).goto(due);
  a.label(known)
    .load("u64", R1, R9, AreaOffset.due)
    .loadImm(R2, 1n << BigInt(bit));
  a.jump("set", R1, R2, due).goto(passed);
  a.label(due);
}

/** When a call begins: no rule was asked. */
export function forgetAsked(c: Context): void {
  if (mayAskAgain(c)) c.a.store("u64", R9, AreaOffset.asked, 0);
}

function mayAskAgain({ block, stage, isRing }: Context): boolean {
  const judgesBefore = stage === "enter" || stage === "hook" || stage === "late";
  return judgesBefore && !isRing && asksAgain(block);
}

function asksAgain(block: Block): boolean {
  return (stopsCalls(block) || repeatsHooks(block)) && askedRules(block).length > 0;
}

function askedRules({ before }: Block): readonly PlannedRule[] {
  return before.filter(({ rule }) => rule.frequency !== undefined);
}

/** More rules than can be distinguished. */
export function refuseFrequencies(blocks: readonly Block[]): Diagnostic[] {
  const found = new Map<PlannedRule["rule"], Diagnostic>();
  for (const block of blocks.filter(asksAgain)) {
    for (const { rule } of askedRules(block).slice(BITS))
      found.set(rule, {
        code: "not_supported_by_engine",
        severity: "error",
        message: `The kernel engine takes at most ${BITS} rules on ${block.call} with \`occurrence\`, \`threshold\` or \`chance\``,
        span: rule.frequency?.span ?? rule.span,
        hint: stopsCalls(block)
          ? "without a SUSPEND rule on this call there is no such limit"
          : "`sct run` takes more, for one command",
      });
  }
  return [...found.values()];
}
