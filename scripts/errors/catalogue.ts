/** All codes of errors and warnings, with what docs/errors.md says of each. */
import { messages } from "../../src/language/messages.ts";
import { actionSections } from "./actions.ts";
import type { Section } from "./entry.ts";
import { machineSections } from "./machines.ts";
import { nameSections } from "./names.ts";
import { policySections } from "./policies.ts";
import { textSections } from "./text.ts";
import { warningSections } from "./warnings.ts";

export const sections: readonly Section[] = [
  ...textSections,
  ...nameSections,
  ...actionSections,
  ...policySections,
  ...warningSections,
  ...machineSections,
];

/** Messages of codes that are not those of the language: they are composed where they are reported. */
const OTHER_SHAPES: Readonly<Record<string, string>> = {
  not_supported_by_engine: "error: WHAT is not supported yet by ENGINE",
  cannot_enforce: "error: FAIL of CALLS cannot be enforced here: WHY",
  too_complex_for_kernel: "error: WHAT is too large, or takes too long to load",
  config_syntax: "error: WHAT is wrong with the TOML",
  config_missing: "error: The key 'KEY' is missing",
  config_unknown_key: "error: The key 'KEY' is unknown",
  config_value: "error: The value of 'KEY' is not valid",
  config_same_file: "warning: The output 'NAME' writes to this file, too",
  config_exposed:
    "warning: Anybody who reaches this address over the network reads names of rules and counts",
};

/** `error: Unknown name `NAME``: severity and message, with names in the place of values. */
export function shapeOf(code: string): string {
  const known = Object.entries(messages).find(([name]) => name === code)?.[1];
  if (known === undefined) {
    const other = OTHER_SHAPES[code];
    if (other === undefined) throw new Error(`The code ${code} has no message`);
    return other;
  }
  const text = known.text as (...values: readonly string[]) => string;
  return `${known.severity}: ${text(...parametersOf(text).map((name) => name.toUpperCase()))}`;
}

/** Names of the parameters of an arrow function, from its source. */
function parametersOf(text: (...values: readonly string[]) => string): readonly string[] {
  const [, list = ""] = /^\(([^)]*)\)/.exec(text.toString()) ?? [];
  return list
    .split(",")
    .map((name) => name.replace(/:.*/s, "").trim())
    .filter((name) => name !== "");
}
