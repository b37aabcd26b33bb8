/**
 * The meaning of a checked filter: the reference that every engine must agree with.
 * An atom takes its operands from left to right; the first that is missing decides what the atom is.
 */

import type { CallView } from "../call-view.ts";
import { factsOf } from "../checked/facts.ts";
import type { BoolExpr, IntExpr } from "../checked/index.ts";
import { isFileTest, isNegative } from "../file-tests.ts";
import { applyArithmetic, asInt, compareBytes, compareInts, holds } from "./arithmetic.ts";
import { isAnyOf, isCut, testCutText } from "./cut-text.ts";
import { isLong, testLongText } from "./long-text.ts";
import type { Missing } from "./read-bytes.ts";
import { readAddress, readField, type Structs } from "./read-field.ts";
import { readParam } from "./read-param.ts";
import { readDescriptorNumber, readPeerAddress, readString, readSubject } from "./read-value.ts";
import { testString } from "./string-test.ts";

export type Verdict = "match" | "no match" | "unreadable";

/**
 * Whether a call passes a filter; no filter passes every call. Where that depends on a path for which the kernel refuses the call
 * anyway, its own error stands: no match.
 */
export function evaluate(filter: BoolExpr | undefined, call: CallView, structs: Structs): Verdict {
  if (!filter) return "match";
  const result = evaluateBool(filter, call, structs);
  return result === "unreadable" && asksRefusedPath(filter, call) ? "no match" : result;
}

function asksRefusedPath(filter: BoolExpr, call: CallView): boolean {
  return [...factsOf(filter).paths].some((index) => call.path(index) === "refused");
}

const verdict = (value: boolean): Verdict => (value ? "match" : "no match");

/** What an atom is when an operand is missing. */
const atomWithout = (missing: Missing): Verdict =>
  missing === "absent" ? "no match" : "unreadable";

function evaluateBool(expr: BoolExpr, call: CallView, structs: Structs): Verdict {
  switch (expr.kind) {
    case "constant":
      return verdict(expr.value);
    case "not": {
      const operand = evaluateBool(expr.operand, call, structs);
      if (operand === "unreadable") return operand;
      return verdict(operand === "no match");
    }
    case "and":
    case "or": {
      const decisive: Verdict = expr.kind === "and" ? "no match" : "match";
      const left = evaluateBool(expr.left, call, structs);
      if (left === decisive) return left;
      const right = evaluateBool(expr.right, call, structs);
      if (right === decisive) return right;
      return left === "unreadable" ? left : right;
    }
    case "truth": {
      const value = evaluateInt(expr.operand, call, structs);
      return typeof value === "bigint" ? verdict(value !== 0n) : atomWithout(value);
    }
    case "compare": {
      const left = evaluateInt(expr.left, call, structs);
      if (typeof left !== "bigint") return atomWithout(left);
      const right = evaluateInt(expr.right, call, structs);
      if (typeof right !== "bigint") return atomWithout(right);
      return verdict(compareInts(expr.op, left, right, expr.unsigned));
    }
    case "inRanges": {
      const operand = evaluateInt(expr.operand, call, structs);
      if (typeof operand !== "bigint") return atomWithout(operand);
      const value = asInt(operand, expr.unsigned);
      return verdict(expr.ranges.some(({ low, high }) => value >= low && value <= high));
    }
    case "stringTest": {
      const subject = readSubject(call, expr.subject, structs);
      if (typeof subject === "string") return atomWithout(subject);
      if (isCut(subject)) return verdictOfLong(testCutText(expr.op, subject, expr.pattern));
      // what is as long as that is no name of a file
      if (isLong(subject)) return verdictOfLong(testLongText(expr.op, subject, expr.pattern));
      return verdict(orMeant(call, expr, subject, testString(expr.op, subject, expr.pattern)));
    }
    case "stringIn": {
      const subject = readSubject(call, expr.subject, structs);
      if (typeof subject === "string") return atomWithout(subject);
      if (isCut(subject)) return verdictOfLong(isAnyOf(subject, expr.values));
      if (isLong(subject)) return "no match";
      const isListed = expr.values.some((value) => compareBytes(subject, value) === 0);
      return verdict(orMeant(call, expr, subject, isListed));
    }
    case "stringCompare": {
      const left = readString(call, expr.left, structs);
      if (typeof left === "string") return atomWithout(left);
      const right = readString(call, expr.right, structs);
      if (typeof right === "string") return atomWithout(right);
      return verdict(holds(expr.op, compareBytes(left, right)));
    }
    case "inNetwork": {
      const address = readAddress(call, expr.index, expr.field, structs);
      if (typeof address === "string") return atomWithout(address);
      return verdict(inNetwork(address, expr.address, expr.prefixBits));
    }
    case "fdInNetwork": {
      const address = readPeerAddress(call, expr.index);
      if (typeof address === "string") return atomWithout(address);
      return verdict(inNetwork(address, expr.address, expr.prefixBits));
    }
    case "descendsFrom": {
      const known = call.descendsFrom(expr.ancestor);
      return known === undefined ? "unreadable" : verdict(known);
    }
  }
}

/** Whether a test of text holds, `plain` being what its text alone says. */
function orMeant(call: CallView, test: BoolExpr, text: Uint8Array, plain: boolean): boolean {
  if (call.isMeant === undefined || !isFileTest(test) || plain !== isNegative(test)) return plain;
  return call.isMeant(test, text) ? !plain : plain;
}

function verdictOfLong(result: boolean | undefined): Verdict {
  return result === undefined ? "unreadable" : verdict(result);
}

function inNetwork(address: Uint8Array, network: Uint8Array, prefixBits: number): boolean {
  if (address.length !== network.length) return false;
  for (let i = 0; i < address.length; i++) {
    const bits = Math.min(8, Math.max(0, prefixBits - i * 8));
    const mask = (0xff00 >> bits) & 0xff;
    if (((address[i] ?? 0) & mask) !== ((network[i] ?? 0) & mask)) return false;
  }
  return true;
}

/** Value of a number, in the sign of its node. Division by zero is `absent`: the atom is false. */
export function evaluateInt(expr: IntExpr, call: CallView, structs: Structs): bigint | Missing {
  const value = rawInt(expr, call, structs);
  return typeof value === "bigint" ? asInt(value, expr.unsigned) : value;
}

function rawInt(expr: IntExpr, call: CallView, structs: Structs): bigint | Missing {
  switch (expr.kind) {
    case "int":
      return expr.value;
    case "variable":
      return call.intVariable(expr.name) ?? "unreadable";
    case "param":
      return readParam(call, expr.index);
    case "field":
      return readField(call, expr.index, expr.field, structs);
    case "fdNumber":
      return readDescriptorNumber(call, expr.index, expr.member);
    case "negate":
    case "complement": {
      const operand = evaluateInt(expr.operand, call, structs);
      if (typeof operand !== "bigint") return operand;
      return expr.kind === "negate" ? -operand : ~operand;
    }
    case "arithmetic": {
      const left = evaluateInt(expr.left, call, structs);
      if (typeof left !== "bigint") return left;
      const right = evaluateInt(expr.right, call, structs);
      if (typeof right !== "bigint") return right;
      return applyArithmetic(expr.op, left, right, expr.unsigned) ?? "absent";
    }
    case "boolean": {
      const operand = evaluateBool(expr.operand, call, structs);
      if (operand === "unreadable") return operand;
      return operand === "match" ? 1n : 0n;
    }
  }
}
