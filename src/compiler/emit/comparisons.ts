/** Comparisons as conditions of jumps. */
import type { Condition } from "../../bpf/asm/index.ts";
import type { CompareOp } from "../../language/checked/index.ts";

export const SIGNED: Readonly<Record<CompareOp, Condition>> = {
  "==": "eq",
  "!=": "ne",
  "<": "slt",
  "<=": "sle",
  ">": "sgt",
  ">=": "sge",
};

export const UNSIGNED: Readonly<Record<CompareOp, Condition>> = {
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};
