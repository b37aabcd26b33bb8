/** Integer expressions: the value ends in r0. Clobbers r0 … r5. */
import { R0, R1, R2, R3, R9, R10, type Register } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import type { IntExpr } from "../../language/checked/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { type IntVariable, variable } from "../../variables/index.ts";
import { loadCallerNumber } from "./caller-number.ts";
import type { Context, Faults } from "./context.ts";
import { loadDescriptorNumber } from "./descriptor-member.ts";
import { emitField } from "./struct-field.ts";
import { extend, loadSource } from "./values.ts";

export function emitInt(c: Context, p: Presentation, expr: IntExpr, faults: Faults): void {
  const { a } = c;
  switch (expr.kind) {
    case "int":
      a.loadImm(R0, expr.value);
      return;
    case "variable":
      emitVariable(c, p, expr.name, faults);
      return;
    case "param": {
      const param = p.params[expr.index - 1];
      if (param === undefined || param.source.kind === "absent") {
        a.goto(faults.missing);
        // keeps the code behind well-formed; the verifier never sees it as reachable
        a.mov(R0, 0);
        return;
      }
      loadSource(c, param.source, faults.unreadable);
      extend(c, R0, param.type);
      return;
    }
    case "negate":
      emitInt(c, p, expr.operand, faults);
      a.neg(R0);
      return;
    case "complement":
      emitInt(c, p, expr.operand, faults);
      a.xor(R0, -1);
      return;
    case "boolean": {
      const yes = a.newLabel("true");
      const no = a.newLabel("false");
      const done = a.newLabel("number");
      c.emitCondition(c, p, expr.operand, { yes, no, unreadable: faults.unreadable });
      a.label(yes).mov(R0, 1).goto(done).label(no).mov(R0, 0).label(done);
      return;
    }
    case "arithmetic":
      emitOperands(c, p, expr.left, expr.right, faults);
      emitArithmetic(c, expr, faults);
      return;
    case "fdNumber":
      loadDescriptorNumber(c, p, expr, faults);
      return;
    case "field":
      emitField(c, p, expr, faults);
      return;
  }
}

/** r0 = left, r1 = right. */
export function emitOperands(
  c: Context,
  p: Presentation,
  left: IntExpr,
  right: IntExpr,
  faults: Faults,
): void {
  const { a } = c;
  if (right.kind === "int") {
    emitInt(c, p, left, faults);
    a.loadImm(R1, right.value);
    return;
  }
  c.stack.with(1, (slot) => {
    emitInt(c, p, left, faults);
    a.store("u64", R10, slot, R0);
    emitInt(c, p, right, faults);
    a.mov(R1, R0).load("u64", R0, R10, slot);
  });
}

function emitVariable(c: Context, p: Presentation, name: IntVariable, faults: Faults): void {
  const { a } = c;
  const { record } = variable(name);
  if (record.in === "site") a.mov(R0, Number(p[record.part]));
  else if (record.in === "word") a.load("u64", R0, R9, RecordOffset[record.field]);
  else if (record.in === "id") a.load("u32", R0, R9, RecordOffset[record.field]);
  else loadCallerNumber(c, name, faults.unreadable);
}

function emitArithmetic(
  c: Context,
  expr: Extract<IntExpr, { kind: "arithmetic" }>,
  faults: Faults,
): void {
  const { a } = c;
  switch (expr.op) {
    case "+":
      a.add(R0, R1);
      return;
    case "-":
      a.sub(R0, R1);
      return;
    case "*":
      a.mul(R0, R1);
      return;
    case "&":
      a.and(R0, R1);
      return;
    case "|":
      a.or(R0, R1);
      return;
    case "^":
      a.xor(R0, R1);
      return;
    case "<<":
      a.and(R1, 63).lsh(R0, R1);
      return;
    case ">>":
      a.and(R1, 63);
      if (expr.unsigned) a.rsh(R0, R1);
      else a.arsh(R0, R1);
      return;
    case "/":
    case "%": {
      a.jump("eq", R1, 0, faults.missing);
      const op = expr.op === "/" ? "div" : "mod";
      if (expr.unsigned) a.alu(op, R0, R1);
      else emitSignedDivision(c, op);
      return;
    }
  }
}

/** C's truncating division from the unsigned one (the signed instruction needs Linux 6.6). */
function emitSignedDivision(c: Context, op: "div" | "mod"): void {
  const { a } = c;
  // r3: sign of the result; a remainder has the sign of the dividend
  a.mov(R3, R0);
  if (op === "div") a.xor(R3, R1);
  emitAbsolute(c, R0);
  emitAbsolute(c, R1);
  a.alu(op, R0, R1);
  const positive = a.newLabel("positive");
  a.jump("sge", R3, 0, positive).neg(R0).label(positive);
}

function emitAbsolute(c: Context, register: Register): void {
  c.a.mov(R2, register).arsh(R2, 63).xor(register, R2).sub(register, R2);
}
