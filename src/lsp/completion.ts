/** What may be written at a place. */
import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
} from "vscode-languageserver";
import {
  ACTION_ENTRIES,
  ACTION_TYPES,
  ITEMS,
  POLICY_ENTRIES,
  PRIORITIES,
  RULE_ENTRIES,
} from "../language/index.ts";
import { callInfo, membersOf, vocabulary } from "../linux/index.ts";
import { descriptorMembers, macroOf, variableNames } from "../variables/index.ts";
import { namePlaces } from "./names.ts";
import { type PlaceInText, placeInText } from "./place-in-text.ts";
import type { RuleDocument } from "./rule-document.ts";
import { manualRow } from "./words-of-manual.ts";

/** Constants are offered from so many letters on. */
const LETTERS_OF_CONSTANT = 2;

type Kind = keyof typeof CompletionItemKind;
type Offered = readonly [kind: Kind, labels: Iterable<string>];

/** Words that take no part in expressions of the checker, and that the manual has. */
const READERS = ["PARAMS", "PATH", "ARGV", "ENVP", "FD", "RETVAL", "descends_from"];
const OPERATORS = ["in", "not in", "matches", "startswith", "endswith", "contains", "icontains"];
const VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  ["when", ["before", "after"]],
  ["syscall_match", ["variants", "exact"]],
  ["continue", ["yes", "no"]],
  ["on_unreadable", ["match", "skip"]],
  ["priority", PRIORITIES],
  ["type", ACTION_TYPES],
  ["otherwise", ["LOG", "FAIL"]],
]);
const PER = ["limit", "threshold", "occurrence"];

export function completionAt(document: RuleDocument, offset: number): CompletionList {
  const place = placeInText(document.file.text, offset);
  const wanted = place.word.replace(/^.*\./, "").toUpperCase();
  const items: CompletionItem[] = [];
  const offered = offeredAt(document, place);
  const hasConstants = offered.some(([kind]) => kind === "Constant");
  for (const [kind, labels] of offered)
    for (const label of labels) {
      // editors choose among the rest by more than its beginning
      if (kind === "Constant" && !isOffered(label, wanted)) continue;
      const row = manualRow(label);
      items.push({
        label,
        kind: CompletionItemKind[kind],
        ...(row === undefined ? {} : { detail: row.text }),
      });
    }
  // with the next letter there may be others
  return { isIncomplete: hasConstants, items };
}

/** Constants are thousands. */
const isOffered = (label: string, wanted: string): boolean =>
  wanted.length >= LETTERS_OF_CONSTANT && label.startsWith(wanted);

function offeredAt(document: RuleDocument, place: PlaceInText): readonly Offered[] {
  const { block, before } = place;
  switch (block) {
    case undefined:
      return isNewEntry(before) ? [["Keyword", ITEMS]] : [];
    case "rule":
    case "action":
    case "policy":
      return inBlock(document, place, block);
    case "test":
      return inTest(document, place);
    case "names":
      return [
        ["Variable", given(document, "value")],
        ["Keyword", before.length === 0 || before.at(-1) === "," ? ["not"] : []],
      ];
    case "log_format":
      return [["Variable", macros()]];
    case "expression":
      return inExpression(document, place);
  }
}

const isNewEntry = (before: readonly string[]): boolean =>
  before.length === 0 || before.at(-1) === ";";

const ENTRIES = { rule: RULE_ENTRIES, action: ACTION_ENTRIES, policy: POLICY_ENTRIES } as const;

function inBlock(
  document: RuleDocument,
  place: PlaceInText,
  block: keyof typeof ENTRIES,
): readonly Offered[] {
  const { before } = place;
  const [entry = ""] = before;
  if (isNewEntry(before)) return [["Property", ENTRIES[block]]];
  const isValue = before.at(-1) === "=" || before.at(-1) === ",";
  if (entry === "syscall_name" && isValue)
    return [
      ["Function", vocabulary.callNames],
      ["Class", vocabulary.classNames],
    ];
  if (before.at(-1) === "per" && PER.includes(entry))
    return [["Variable", variableNames.map((name) => name.toLowerCase())]];
  if (isValue && VALUES.has(entry)) return [["EnumMember", VALUES.get(entry) ?? []]];
  if (["error_code", "otherwise"].includes(entry)) return [["EnumMember", errnos()]];
  if (["by", "sum", "hist"].includes(entry)) return inExpression(document, place);
  return [["Property", ENTRIES[block]]];
}

function inTest(document: RuleDocument, { before }: PlaceInText): readonly Offered[] {
  const last = before.at(-1);
  if (last === "call") return [["Function", vocabulary.callNames]];
  if (last === "expect") return [["EnumMember", ["nothing", ...ACTION_TYPES]]];
  if (last === "by") return [["Reference", given(document, "rule")]];
  if (last === "FAIL")
    return [
      ["EnumMember", errnos()],
      ["Keyword", ["by"]],
    ];
  return [
    ["Keyword", ["call", "expect", "as", "returns", "by"]],
    ["Constant", vocabulary.constantNames],
  ];
}

function inExpression(document: RuleDocument, place: PlaceInText): readonly Offered[] {
  const { word } = place;
  if (word.includes(".")) return [["Field", fieldsAt(place)]];
  return [
    ["Variable", [...variableNames, ...READERS]],
    ["Reference", given(document, "value")],
    ["Operator", OPERATORS],
    ["Constant", vocabulary.constantNames],
  ];
}

/** Behind `PARAMS[n].` or `FD[n].`: all of the calls that the rule names. */
function fieldsAt({ before, calls }: PlaceInText): Iterable<string> {
  const [variable, open, index] = before.slice(-4);
  if (open !== "[") return [];
  if (variable === "FD") return descriptorMembers;
  const fields = new Set<string>();
  for (const call of calls) {
    const param = callInfo(call)?.params[Number(index) - 1];
    if (param === undefined) continue;
    for (const { names } of membersOf(call, param)) for (const name of names) fields.add(name);
  }
  return fields;
}

function given({ result }: RuleDocument, wanted: "value" | "rule"): Iterable<string> {
  const places = namePlaces(result.ast);
  const own = places.filter(({ space, isDefinition }) => isDefinition && space === wanted);
  return new Set(own.map(({ name }) => name));
}

function* errnos(): Generator<string> {
  for (const name of vocabulary.constantNames) if (vocabulary.errno(name) !== undefined) yield name;
}

function macros(): readonly string[] {
  const others = ["params", "path", "action", "time", "username", "errname"];
  return [...variableNames.map(macroOf), ...others].map((name) => `%${name}`);
}
