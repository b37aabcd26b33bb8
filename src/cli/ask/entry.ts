/** Entries of lists as people see and write them. */
import {
  hasGlobSpecial,
  literalGlob,
  type PolicyRight,
  parseRules,
  printString,
} from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import type { AskedEntries } from "./permissions.ts";

/** What an entry is, for a question. */
export interface ProposedAnswer {
  /** As a rule file has it. */
  readonly text: string;
  readonly about: string;
}

/** `text` has a character for each byte. */
export const entryAsText = (text: string): string => printString(Buffer.from(text, "latin1"));

/** The file alone. `isNamed`: it is made, moved or removed, which an entry that is a name does not allow. */
export function exactEntry(name: string, isNamed: boolean): string {
  const exact = literalGlob(name);
  return isNamed && !hasGlobSpecial(exact) ? `${exact}{,}` : exact;
}

/** What the user has written as one entry of a list, in quotes or not; a text says what is wrong. */
export function parseEntry(right: PolicyRight, written: string): AskedEntries | string {
  const text = written.startsWith('"') ? written : `"${written}"`;
  const file = { name: "answer", text: `policy asked { ${right} { ${text} } }` };
  const { ruleSet, ast, diagnostics } = parseRules([file], vocabulary);
  const [item, more] = ast[0]?.items ?? [];
  const [wrong] = diagnostics.filter(({ severity }) => severity === "error");
  if (wrong !== undefined) return wrong.hint ?? wrong.expected ?? wrong.message;
  const [list, second] = item?.kind === "policy" ? item.entries : [];
  const part = ruleSet?.rules.find(({ policy }) => policy !== undefined)?.policy;
  const isOne = list !== undefined && "items" in list && list.items.length === 1;
  if (part === undefined || more !== undefined || second !== undefined || !isOne)
    return "write one entry";
  const { files, addresses, hosts } = part;
  if (hosts.length > 0) return "names of hosts cannot be allowed here: write an address";
  if ([...files, ...addresses].some(({ negated }) => negated)) return "`not` takes away";
  return { files, addresses };
}
