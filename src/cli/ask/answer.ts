/** What is typed to a question about something that is denied. */
import type { ProposedAnswer } from "./entry.ts";

/** How long an entry holds. */
export type AllowedFor = "run" | "session" | "ever";

export type TypedAnswer =
  | { readonly kind: "no"; readonly forRun: boolean }
  /** This call alone. */
  | { readonly kind: "once" }
  | { readonly kind: "entry"; readonly entry: string; readonly lasts: AllowedFor };

const LASTS: ReadonlyMap<string, AllowedFor> = new Map([
  ["r", "run"],
  ["run", "run"],
  ["s", "session"],
  ["session", "session"],
  ["f", "ever"],
  ["forever", "ever"],
]);

/** `2 r`, `r`, `"/srv/a*" f`; without an entry the first of those offered. Undefined: it says nothing. */
export function parseAnswer(
  line: string,
  offered: readonly ProposedAnswer[],
): TypedAnswer | undefined {
  const text = line.trim();
  if (text === "N" || /^never$/i.test(text)) return { kind: "no", forRun: true };
  if (/^no?$/i.test(text)) return { kind: "no", forRun: false };
  if (/^o(?:nce)?$/i.test(text)) return { kind: "once" };
  const [, before = "", word = ""] = /^(.*?)\s*([a-z]+)$/is.exec(text) ?? [];
  const lasts = LASTS.get(word.toLowerCase());
  if (lasts === undefined) return undefined;
  const chosen = /^\d+$/.test(before) ? offered[Number(before) - 1] : undefined;
  if (before === "" || chosen !== undefined)
    return { kind: "entry", entry: chosen?.text ?? offered[0]?.text ?? "", lasts };
  const isWritten = before.length > 1 && before.startsWith('"') && before.endsWith('"');
  return isWritten ? { kind: "entry", entry: before, lasts } : undefined;
}
