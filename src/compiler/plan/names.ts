/** Names of kernel objects that rules mean or events show: programs, directories, files. */
import type { Span } from "../../base/span.ts";
import { extraMacros } from "../../events/index.ts";
import type { CheckedRule, FormatPiece, Target } from "../../language/checked/index.ts";
import {
  factsOf,
  fileNumber,
  lookedAt,
  makesEvents,
  namesInDirectories,
} from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { type IntVariable, isIntVariable, macroOf, VARIABLES } from "../../variables/index.ts";
import type { PlannedBlock, ReportNeeds, TextSource } from "./block.ts";

/** EXE and CWD, in this order. */
const OBJECT_VARIABLES = VARIABLES.flatMap(([name, { record }]) =>
  record.in === "tail" ? [[name, record.object] as const] : [],
).toReversed();

/** EXE, CWD and PATH, as filter or log format name them. */
export function objectNames(
  rule: CheckedRule,
  target: Target,
  presentation: Presentation,
): TextSource[] {
  const names: TextSource[] = [];
  const { variables } = factsOf(lookedAt(target));
  for (const [name, object] of OBJECT_VARIABLES)
    if (variables.has(name) || hasMacro(rule, macroOf(name))) names.push({ kind: object });
  if (variables.has("CONTAINER")) names.push({ kind: "container" });
  for (const index of filesMeant(rule, target)) {
    const nth = fileNumber(presentation, index);
    if (nth !== undefined) names.push({ kind: "path", nth });
  }
  return names;
}

/**
 * What an event has of its caller that no rule looks at: read once a rule has matched, except where the call replaces
 * the program.
 */
export function reportedObjects(
  rule: CheckedRule,
  presentation: Presentation,
  { caller, directories }: ReportNeeds,
): TextSource[] {
  const objects: TextSource[] = [];
  if (!makesEvents(rule)) return objects;
  if (caller || hasMacro(rule, "cmdline")) objects.push({ kind: "cmdline" });
  if (hasMacro(rule, macroOf("CONTAINER"))) objects.push({ kind: "container" });
  // the line that is printed without a format says where a name begins
  const isPlain = rule.actions.some(({ type, ...rest }) => type === "LOG" && !("format" in rest));
  if (caller || (isPlain && directories) || hasMacro(rule, "dir"))
    for (const { nth, dirfd } of namesInDirectories(presentation))
      objects.push({ kind: "dir", nth, dirfd });
  return objects;
}

export interface ReportedNumber {
  readonly name: IntVariable;
  /** Among the macros of the rule that have no field in the record. */
  readonly place: number;
}

/** Numbers of the caller that the log format shows and the header of a record has no field for. */
export function reportedNumbers(rule: CheckedRule): ReportedNumber[] {
  return extraMacros(rule).flatMap((macro, place) => {
    const name = macro.name.toUpperCase();
    return isIntVariable(name) ? [{ name, place }] : [];
  });
}

/** Place of CONTAINER among those macros; -1: it is not shown. */
export function placeOfContainer(rule: CheckedRule): number {
  return extraMacros(rule).findIndex(({ name }) => name === macroOf("CONTAINER"));
}

/** Indexes of PATH in filter and log format; 0 is PATH alone. */
export function filesMeant(rule: CheckedRule, target: Target): ReadonlySet<number> {
  return new Set([...factsOf(lookedAt(target)).paths, ...pathMacros(rule)]);
}

/** Where a rule names files: in its filter for the target, and in its log format. */
export function filesNamed(rule: CheckedRule, target: Target): Span[] {
  const spans = macrosOf(rule)
    .filter((macro) => macro.name === "path")
    .map((macro) => macro.span);
  return [...spans, ...factsOf(lookedAt(target)).pathSpans];
}

/** Whether the block must see files in security hooks. */
export function usesFiles(block: Pick<PlannedBlock, "strings">): boolean {
  return block.strings.some(({ source }) => source.kind === "path");
}

function macrosOf(rule: CheckedRule): Extract<FormatPiece, { kind: "macro" }>[] {
  return rule.actions.flatMap((action) =>
    action.type === "LOG" ? (action.format ?? []).filter((piece) => piece.kind === "macro") : [],
  );
}

function hasMacro(rule: CheckedRule, name: string): boolean {
  return macrosOf(rule).some((macro) => macro.name === name);
}

function pathMacros(rule: CheckedRule): number[] {
  return macrosOf(rule)
    .filter((macro) => macro.name === "path")
    .map((macro) => macro.index ?? 0);
}
