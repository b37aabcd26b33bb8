/** What `sct config diff` prints: rules and definitions that come, go or change, and whether their order does. */
import { entriesOf } from "../../daemon/rules/rule-set.ts";

/** Lines with `-` and `+` before them; empty: the rules are the same. */
export function describeChanges(before: string, after: string): string {
  const old = entriesOf(before);
  const now = entriesOf(after);
  const parts: string[] = [];
  for (const [title, text] of old) if (now.get(title) !== text) parts.push(marked("-", text));
  for (const [title, text] of now) if (old.get(title) !== text) parts.push(marked("+", text));
  const kept = (from: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
    [...from.keys()].filter((title) => other.has(title)).join("\n");
  if (kept(old, now) !== kept(now, old)) parts.push("the order of the rules changes\n");
  return parts.join("");
}

function marked(mark: string, text: string): string {
  return text.replace(/^/gm, `${mark} `).concat("\n");
}
