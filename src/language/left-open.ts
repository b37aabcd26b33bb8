/**
 * What gets around a rule that denies by PATH, system-wide, by calls that the rule does not name: mounts, which make a name lead
 * to another file or give a file another name. With rules to paste.
 */
import type { CheckedRule } from "./checked/index.ts";
import { visit } from "./checked/visit.ts";
import { printString } from "./print-expression.ts";
import type { Mounting, Vocabulary } from "./vocabulary.ts";

export interface LeftOpen {
  readonly way: string;
  /** Rules that close it. */
  readonly rules: readonly string[];
}

/** What a rule by PATH gets besides its own calls. */
const PROTECTING: ReadonlySet<string> = new Set(["rename", "link"]);
const ACTING: ReadonlySet<string> = new Set(["FAIL", "KILL", "SUSPEND"]);

interface Named {
  /** The filter looks at files. */
  readonly any: boolean;
  /** Some of them by a part of their name: no file is known that could be compared by itself. */
  readonly byPattern: boolean;
  /** Paths that it compares with as a whole, without the quotes. */
  readonly literals: ReadonlySet<string>;
}

/** `denied`: calls that other rules prevent, whatever their filters. */
export function leftOpenBy(
  rule: CheckedRule,
  vocabulary: Pick<Vocabulary, "mountings">,
  denied: ReadonlySet<string> = new Set(),
): readonly LeftOpen[] {
  if (rule.when !== "before" || !rule.actions.some(({ type }) => ACTING.has(type))) return [];
  const { any, byPattern, literals } = filesNamed(rule);
  if (!any) return [];
  const names = new Set(rule.targets.map(({ name }) => name));
  if (closesMounts(names, vocabulary)) return [];
  // what a condition means for each call that mounts and is not denied yet; undefined: nothing
  const closing = (conditionOf: (mounting: Mounting) => string | undefined): readonly string[] =>
    vocabulary.mountings.flatMap((mounting) => {
      const condition = conditionOf(mounting);
      const isDenied = names.has(mounting.call) || denied.has(mounting.call);
      return isDenied || condition === undefined ? [] : [denying(mounting.call, condition)];
    });
  const list = [...literals].map((path) => `"${path}"`).join(", ");
  const ways = [
    {
      way: "an overlay with a directory of the files as a layer: its files are others to the kernel",
      rules: closing(({ type }) =>
        type === undefined ? undefined : `PARAMS[${type}] == "overlay"`,
      ),
    },
    {
      way: "another file mounted over the name: it leads there from then on",
      rules: closing(({ over }) =>
        over === undefined || list === "" ? undefined : `${over} in (${list})`,
      ),
    },
    {
      way: "a directory mounted at a second place: its files have other names there",
      rules: byPattern ? closing(({ copies }) => copies) : [],
    },
  ];
  return ways.filter(({ rules }) => rules.length > 0);
}

/** The rule is one of those that close such ways. */
function closesMounts(
  names: ReadonlySet<string>,
  { mountings }: Pick<Vocabulary, "mountings">,
): boolean {
  const own = [...names].filter((name) => !PROTECTING.has(name));
  return own.length > 0 && own.every((name) => mountings.some(({ call }) => call === name));
}

/** An empty condition holds always. */
function denying(call: string, condition: string): string {
  const filter = condition === "" ? "" : ` filter_expression { ${condition} }`;
  return `rule { syscall_name = ${call}${filter} action { type = FAIL error_code = EPERM } }`;
}

function filesNamed({ targets }: CheckedRule): Named {
  const literals = new Set<string>();
  let any = false;
  let byPattern = false;
  const add = (values: readonly Uint8Array[]): void => {
    for (const value of values) {
      const text = printString(value).slice(1, -1);
      if (text.startsWith("/")) literals.add(text);
    }
  };
  for (const { filter } of targets)
    if (filter !== undefined)
      visit(filter, (node) => {
        if (node.kind === "pathOf") any = true;
        if (!("subject" in node) || node.subject.kind !== "pathOf") return;
        if (node.kind === "stringTest" && node.op === "==") add([node.pattern]);
        else if (node.kind === "stringIn") add(node.values);
        else byPattern = true;
      });
  return { any, byPattern, literals };
}
