/** What a constant set holds, once its items are resolved. */
import type { Span } from "../../base/span.ts";
import type { StringLiteral } from "../ast.ts";
import type { Network } from "../parse/literals.ts";

export interface ConstantRange {
  readonly low: bigint;
  readonly high: bigint;
  readonly span: Span;
}

export interface ConstantText {
  readonly bytes: Uint8Array;
  /** Escapes that only a pattern may have. */
  readonly escapes: NonNullable<StringLiteral["patternEscapes"]>;
  readonly span: Span;
}

/** Members by type; a set may hold several types, but an operand looks for one. */
export interface ConstantSet {
  readonly ranges: Map<string, ConstantRange>;
  readonly texts: Map<string, ConstantText>;
  /** An item is missing because of an error: nothing can be concluded from the set. */
  broken: boolean;
  readonly networks: Map<string, { readonly network: Network; readonly span: Span }>;
}
