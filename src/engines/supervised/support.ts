/** What the language allows and this engine cannot do yet: refused with the place and the reason. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import type { Span } from "../../base/span.ts";
import type { CheckedRule } from "../../language/index.ts";

/** Log macros whose value is not in the record. */
const UNSUPPORTED_MACROS: ReadonlySet<string> = new Set([
  "argv",
  "envp",
  "container",
  "cgroup",
  "caps",
  "pidns",
  "mntns",
  "nspid",
]);

export function unsupportedBy(rules: readonly CheckedRule[]): Diagnostic[] {
  const found = new Map<Span, Diagnostic>();
  const refuse = (span: Span, what: string): void => {
    const message = `${what} is not supported yet by the supervised engine`;
    found.set(span, { code: "not_supported_by_engine", severity: "error", message, span });
  };
  for (const { actions } of rules) {
    for (const action of actions) {
      if (action.type !== "LOG") continue;
      for (const piece of action.format ?? []) {
        if (piece.kind === "macro" && UNSUPPORTED_MACROS.has(piece.name.toLowerCase()))
          refuse(piece.span, `%${piece.name}${piece.index ?? ""}`);
      }
    }
  }
  return [...found.values()];
}
