/** What the language allows and this engine cannot do yet: refused with the place and the reason. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { extraMacros, MOST_EXTRA_MACROS } from "../../events/index.ts";
import type { CheckedRule } from "../../language/index.ts";

export function unsupportedBy(rules: readonly CheckedRule[]): Diagnostic[] {
  return rules.flatMap((rule) => {
    const macro = extraMacros(rule)[MOST_EXTRA_MACROS];
    if (macro === undefined) return [];
    const message = `More than ${MOST_EXTRA_MACROS} macros such as %${macro.name} in one rule are not supported by the supervised engine`;
    return [{ code: "not_supported_by_engine", severity: "error", message, span: macro.span }];
  });
}
