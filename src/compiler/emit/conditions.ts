/**
 * Conditions: code that ends in a jump to one of three places. Chains of && and || remember in a stack slot
 * that an unreadable atom was passed, so that each atom is emitted once (Kleene's logic, see checked.ts).
 */
import { R0, R1, R2, R10 } from "../../bpf/asm/index.ts";
import type { BoolExpr } from "../../language/checked/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { operandsOf } from "../plan/alike.ts";
import { canBeUnreadable } from "../plan/unreadable.ts";
import { emitDescendsFrom } from "./ancestors.ts";
import { SIGNED, UNSIGNED } from "./comparisons.ts";
import type { Context, Outcomes } from "./context.ts";
import { emitInt, emitOperands } from "./ints.ts";
import { type ChainItem, mergeNetworks, mergeTests } from "./merge-tests.ts";
import { emitNetworks } from "./networks.ts";
import { emitStringCompare } from "./string-compare.ts";
import { emitAnyTest, emitStringIn, emitStringTest } from "./string-tests.ts";

export function emitCondition(c: Context, p: Presentation, expr: BoolExpr, to: Outcomes): void {
  const { a } = c;
  switch (expr.kind) {
    case "constant":
      a.goto(expr.value ? to.yes : to.no);
      return;
    case "not":
      emitCondition(c, p, expr.operand, { yes: to.no, no: to.yes, unreadable: to.unreadable });
      return;
    case "and":
    case "or":
      emitChain(c, p, expr, to);
      return;
    case "truth":
      a.at(expr.span);
      emitInt(c, p, expr.operand, { missing: to.no, unreadable: to.unreadable });
      a.jump("ne", R0, 0, to.yes).goto(to.no);
      return;
    case "compare":
      emitCompare(c, p, expr, to);
      return;
    case "inRanges":
      emitInRanges(c, p, expr, to);
      return;
    case "stringTest":
      a.at(expr.span);
      emitStringTest(c, p, expr, to);
      return;
    case "stringIn":
      a.at(expr.span);
      emitStringIn(c, p, expr, to);
      return;
    case "stringCompare":
      a.at(expr.span);
      emitStringCompare(c, p, expr, to);
      return;
    case "inNetwork":
    case "fdInNetwork":
      a.at(expr.span);
      emitNetworks(c, p, [expr], to);
      return;
    case "descendsFrom":
      a.at(expr.span);
      emitDescendsFrom(c, expr.ancestor, to);
      return;
  }
}

function emitChain(
  c: Context,
  p: Presentation,
  expr: Extract<BoolExpr, { kind: "and" | "or" }>,
  to: Outcomes,
): void {
  const { a } = c;
  const merged = mergeTests(operandsOf(expr, expr.kind), expr.kind);
  const items = certainFirst(expr.kind === "or" ? mergeNetworks(merged) : merged, p);
  // && continues while true, || while false; the other value ends the chain
  const [proceed, stop] = expr.kind === "and" ? (["yes", "no"] as const) : (["no", "yes"] as const);
  const last = items.length - 1;
  const needsMemory = items.slice(0, last).some((item) => canBeOpen(item, p));
  const emitItems = (passed: number | undefined): void => {
    items.forEach((item, i) => {
      const next = a.newLabel("next");
      const outcome: { yes: string; no: string; unreadable: string } = { ...to };
      const noted = a.newLabel("unreadable");
      const isLast = i === last;
      if (!isLast || passed !== undefined) outcome[proceed] = next;
      outcome[stop] = to[stop];
      outcome.unreadable = isLast || passed === undefined ? to.unreadable : noted;
      if (item.kind === "anyTest") {
        a.at(item.span);
        emitAnyTest(c, p, item, outcome);
      } else if (item.kind === "anyNetwork") {
        a.at(item.span);
        emitNetworks(c, p, item.tests, outcome);
      } else emitCondition(c, p, item, outcome);
      if (!isLast && passed !== undefined) {
        a.label(noted).store("u64", R10, passed, 1);
      }
      if (!isLast || passed !== undefined) a.label(next);
      if (isLast && passed !== undefined) {
        a.load("u64", R2, R10, passed).jump("ne", R2, 0, to.unreadable).goto(to[proceed]);
      }
    });
  };
  if (!needsMemory) {
    emitItems(undefined);
    return;
  }
  c.stack.with(1, (slot) => {
    a.store("u64", R10, slot, 0);
    emitItems(slot);
  });
}

/**
 * The order of tests changes no outcome: those that memory can leave open come last. They cost more, and a chain with one of them needs
 * no slot of the stack. Linux 6.18 goes over the whole program each time that a way through it ends and has met a new use of one.
 */
function certainFirst<T extends ChainItem>(items: readonly T[], p: Presentation): readonly T[] {
  const open = new Set(items.filter((item) => canBeOpen(item, p)));
  return [...items.filter((item) => !open.has(item)), ...open];
}

function canBeOpen(item: ChainItem, p: Presentation): boolean {
  return canBeUnreadable("tests" in item ? item.tests[0] : item, p);
}

function emitCompare(
  c: Context,
  p: Presentation,
  expr: Extract<BoolExpr, { kind: "compare" }>,
  to: Outcomes,
): void {
  c.a.at(expr.span);
  const faults = { missing: to.no, unreadable: to.unreadable };
  emitOperands(c, p, expr.left, expr.right, faults);
  c.a.jump((expr.unsigned ? UNSIGNED : SIGNED)[expr.op], R0, R1, to.yes).goto(to.no);
}

function emitInRanges(
  c: Context,
  p: Presentation,
  expr: Extract<BoolExpr, { kind: "inRanges" }>,
  to: Outcomes,
): void {
  const { a } = c;
  a.at(expr.span);
  emitInt(c, p, expr.operand, { missing: to.no, unreadable: to.unreadable });
  const [below, above] = expr.unsigned ? (["lt", "gt"] as const) : (["slt", "sgt"] as const);
  for (const { low, high } of expr.ranges) {
    if (low === high) {
      a.loadImm(R1, low).jump("eq", R0, R1, to.yes);
      continue;
    }
    const next = a.newLabel("next_range");
    a.loadImm(R1, low).jump(below, R0, R1, next);
    a.loadImm(R1, high).jump(above, R0, R1, next);
    a.goto(to.yes).label(next);
  }
  a.goto(to.no);
}
