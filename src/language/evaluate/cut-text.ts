/**
 * Text of which an engine reads a beginning only. What is found there is found, whatever follows; what is not may still
 * come, and is open then.
 */
import type { StringOp } from "../checked/index.ts";
import type { LongText } from "./long-text.ts";
import { testString } from "./string-test.ts";

export interface CutText {
  /** At least one byte follows. */
  readonly start: Uint8Array;
}

export function isCut(text: Uint8Array | LongText | CutText): text is CutText {
  return "start" in text;
}

/** As testString() would say of the whole text; undefined: what follows may decide. */
export function testCutText(
  op: StringOp,
  { start }: CutText,
  pattern: Uint8Array,
): boolean | undefined {
  switch (op) {
    case "contains":
    case "icontains":
      return testString(op, start, pattern) ? true : undefined;
    case "startswith":
      return pattern.length > start.length ? undefined : testString(op, start, pattern);
    case "==":
    case "!=":
      // the text is longer than a pattern of that length
      return pattern.length > start.length ? undefined : op === "!=";
    default:
      return undefined;
  }
}

/** Whether it is one of the values. */
export function isAnyOf({ start }: CutText, values: readonly Uint8Array[]): boolean | undefined {
  return values.some((value) => value.length > start.length) ? undefined : false;
}
