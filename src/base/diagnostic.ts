import type { Span } from "./span.ts";

/**
 * Something wrong (error) or probably wrong (warning) with a rule text. Data, never thrown:
 * phases collect them, printers show them. `code` is stable and may be relied on by other tools.
 */
export interface Diagnostic {
  readonly code: string;
  readonly severity: "error" | "warning";
  /** What is wrong, one sentence without a full stop. */
  readonly message: string;
  readonly span: Span;
  /** What would have been right here. */
  readonly expected?: string;
  /** How to fix it. */
  readonly hint?: string;
  /** Lines of rule text that the hint speaks of, as they would be pasted. */
  readonly paste?: readonly string[];
  /** Other places that belong to it, such as the first definition or the include chain. */
  readonly related?: readonly { readonly message: string; readonly span: Span }[];
}
