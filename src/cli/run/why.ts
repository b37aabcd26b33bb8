/** Why calls were denied, or would be: grouped by list, with the entries that would allow them. */
import { sourcePlace } from "../../base/position.ts";
import { type CheckedRule, type PolicyRight, quotedText } from "../../language/index.ts";
import { addedEntries, type UseTable } from "../../learning/index.ts";
import type { DeniedByPolicy, DeniedList } from "../../library/protocol.ts";
import { plural } from "../plural.ts";

type Part = NonNullable<CheckedRule["policy"]>;

/** What each policy has denied, from what was recorded of it; policies that denied nothing are left out. */
export function whyDenied(
  rules: readonly CheckedRule[],
  tables: ReadonlyMap<string, UseTable>,
  home: string,
): readonly DeniedByPolicy[] {
  return [...tables].map(([policy, table]) => {
    const own = rules.filter((rule) => rule.policy?.policy === policy);
    const parts = new Map(own.flatMap(({ policy: part }) => (part ? [[part.right, part]] : [])));
    return {
      policy,
      denied: own.some(({ actions }) => actions.some(({ type }) => type === "FAIL")),
      lists: listsOf(parts, table, home),
    };
  });
}

function listsOf(
  parts: ReadonlyMap<PolicyRight, Part>,
  table: UseTable,
  home: string,
): readonly DeniedList[] {
  const seen = table.all();
  const { entries, notProposed } = addedEntries([...parts.values()], seen, home);
  return [...parts].flatMap(([right, { list }]): DeniedList[] => {
    const uses = seen.filter((use) => use.right === right);
    if (uses.length === 0) return [];
    return [
      {
        list: right,
        at: sourcePlace(list),
        calls: uses.reduce((sum, { count }) => sum + count, 0),
        names: uses
          .toSorted((a, b) => b.count - a.count)
          .map(({ name, call, count, programs }) => ({
            ...{ name: text(name), call, calls: count },
            programs: [...programs].map(text),
          })),
        add: entries.filter((entry) => entry.right === right).map((entry) => entry.text),
        notProposed: notProposed
          .filter(({ use }) => use.right === right)
          .map(({ use, why }) => ({ name: text(use.name), why })),
      },
    ];
  });
}

/** Names have a character for each byte. */
const text = (name: string): string => Buffer.from(name, "latin1").toString();

/** Most names of a list in its line; the report has all. */
const MOST_SHOWN = 3;

/** A line for each list: what it lacks, and what to add. */
export function whyLines(denied: readonly DeniedByPolicy[]): readonly string[] {
  return denied.flatMap(({ policy, denied: isDenied, lists }) =>
    lists.map(({ list, at, calls, names, add, notProposed }) => {
      const done = isDenied ? "denied" : "would deny";
      const said = names.map(
        ({ name, programs }) => `${quotedText(name)} (${programs.slice(0, MOST_SHOWN).join(", ")})`,
      );
      const head = `why: ${list} of ${policy} at ${at} ${done} ${plural(calls, "call")}: ${some(said)}`;
      const wanted = add.length === 0 ? [] : [`add to ${list} to allow it: ${some(add)}`];
      const left = notProposed.map(
        ({ name, why }) => `${quotedText(name)} is not proposed: ${why}`,
      );
      return [head, ...wanted, ...(left.length === 0 ? [] : [some(left)])].join("; ");
    }),
  );
}

function some(texts: readonly string[]): string {
  const left = texts.length - MOST_SHOWN;
  const shown = texts.slice(0, MOST_SHOWN).join(", ");
  return left > 0 ? `${shown} and ${left} more` : shown;
}
