/** All that a target of a rule looks at: its filter, and what it counts by. */
import { variable } from "../../variables/index.ts";
import type { BoolExpr } from "./expression.ts";
import type { Counted, Target } from "./rule.ts";

const known = new WeakMap<Target, BoolExpr>();

/**
 * An expression with the same operands, for `factsOf`; it is not one to evaluate. What is the same for all calls of one
 * presentation (SNAME, SYSCALL, ABI as they stand) is not among them: nothing has to be read for that.
 */
export function lookedAt(target: Target): BoolExpr | undefined {
  const { filter, counted } = target;
  if (counted === undefined) return filter;
  let all = known.get(target);
  if (all === undefined) {
    const operands = [...counted.by, ...counted.measures].flatMap(operandOf);
    const parts = filter === undefined ? operands : [filter, ...operands];
    if (parts.length === 0) return undefined;
    all = parts.reduce((left, right) => ({ kind: "and", left, right, span: target.span }));
    known.set(target, all);
  }
  return all;
}

/** A network in which each address lies. */
const ANY = { address: new Uint8Array(4), prefixBits: 0 };

function operandOf(one: Counted): BoolExpr[] {
  if (one.is === "address") return [{ ...one.value, ...ANY }];
  if (one.is === "absent" || isOfSite(one.value)) return [];
  const { span } = one.value;
  if (one.is === "int") return [{ kind: "truth", operand: one.value, span }];
  return [{ kind: "stringCompare", op: "==", left: one.value, right: one.value, span }];
}

/** SNAME, SYSCALL or ABI by itself. */
export function isOfSite(value: Extract<Counted, { value: unknown }>["value"]): boolean {
  if (value.kind !== "variable" && value.kind !== "stringVariable") return false;
  return variable(value.name).record.in === "site";
}
