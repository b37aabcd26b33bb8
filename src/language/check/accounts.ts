/** Names of users and groups where their numbers are compared: `UID == "root"`, `GID in ("adm", "wheel")`. */
import type { Span } from "../../base/span.ts";
import { isIntVariable, numberVariable } from "../../variables/index.ts";
import type { RuleProgram } from "./context.ts";
import type { Value } from "./value.ts";

type Kind = "user" | "group";

/** Whose number a value is; undefined: it is another number. */
export function accountKind(value: Value): Kind | undefined {
  if (value.is !== "int") return undefined;
  if (value.expr.kind === "variable") return kindOfVariable(value.expr.name);
  const semantic = value.type && "semantic" in value.type ? value.type.semantic : undefined;
  return semantic === "uid" ? "user" : semantic === "gid" ? "group" : undefined;
}

export function kindOfVariable(name: string): Kind | undefined {
  return isIntVariable(name) ? numberVariable(name).account : undefined;
}

/** The number of a name; null: nobody is called so any more, undefined: that is an error. Both are said. */
export function accountNumber(
  { accounts, report }: RuleProgram,
  kind: Kind,
  bytes: Uint8Array,
  span: Span,
): bigint | null | undefined {
  const name = new TextDecoder().decode(bytes);
  const id = accounts?.[kind](name);
  if (id !== undefined) return id;
  // an account may have been removed since the rules were loaded, which must not take the other rules out of force
  if (accounts !== undefined && span.file.isKept) {
    report.add("gone_account", span, [kind, name]);
    return null;
  }
  if (accounts === undefined) report.add("no_accounts", span, [kind]);
  else report.add("unknown_account", span, [kind, name]);
  return undefined;
}
