/** Comparisons as conditions of jumps. */
import type { JumpCondition } from "../../bpf/asm/index.ts";
import type { CompareOp } from "../../language/checked/index.ts";

export const SIGNED: Readonly<Record<CompareOp, JumpCondition>> = {
  "==": "eq",
  "!=": "ne",
  "<": "slt",
  "<=": "sle",
  ">": "sgt",
  ">=": "sge",
};

export const UNSIGNED: Readonly<Record<CompareOp, JumpCondition>> = {
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};
