import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/span.ts";
import { type Arguments, type Code, messages } from "./messages.ts";

/** What a diagnostic may carry besides its message. */
export type Extra = Pick<Partial<Diagnostic>, "expected" | "hint" | "paste" | "related">;

/** Of errors and of warnings. More help nobody: a hostile file could make millions. */
const MOST = 500;
const BEYOND = { error: "too_many_errors", warning: "too_many_warnings" } as const;

/** Collects diagnostics; the same code at the same place is reported once. */
export class Diagnostics {
  readonly diagnostics: Diagnostic[] = [];
  readonly #seen = new Map<object, Set<string>>();
  readonly #counts = { error: 0, warning: 0 };
  hasErrors = false;

  add<C extends Code>(code: C, span: Span, args: Arguments<C>, extra: Extra = {}): void {
    const { severity, text } = messages[code];
    if (severity === "error") this.hasErrors = true;
    // behind the last error nothing is of use
    if (this.#counts.error > MOST || this.#counts[severity] > MOST) return;
    const seen = this.#seen.get(span.file) ?? new Set();
    this.#seen.set(span.file, seen);
    const key = `${code}:${span.start}:${span.end}`;
    if (seen.has(key)) return;
    seen.add(key);
    if (++this.#counts[severity] > MOST) {
      const beyond = BEYOND[severity];
      this.diagnostics.push({ code: beyond, severity, message: messages[beyond].text(MOST), span });
      return;
    }
    const message = (text as (...a: readonly unknown[]) => string)(...args);
    this.diagnostics.push({ code, severity, message, span, ...extra });
  }

  /** In the order of the files and of the text. */
  sorted(): Diagnostic[] {
    const order = new Map([...this.#seen.keys()].map((file, i) => [file, i]));
    return this.diagnostics.toSorted(
      (a, b) =>
        (order.get(a.span.file) ?? 0) - (order.get(b.span.file) ?? 0) ||
        a.span.start - b.span.start,
    );
  }
}
