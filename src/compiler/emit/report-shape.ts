/** What the code of a report depends on: rules that are alike in that share it. */
import { isStored } from "../../events/layout.ts";
import { type CheckedRule, countOf } from "../../language/checked/index.ts";
import type { Candidate, PlannedBlock, TextSource } from "../plan/block.ts";
import { shownBytes } from "../plan/bytes.ts";
import { descriptorMacros } from "../plan/descriptors.ts";
import { objectNames, placeOfContainer, reportedNumbers, reportedObjects } from "../plan/names.ts";
import { fieldMacros, macroKey } from "../plan/struct-field.ts";
import { isString, reportedStrings, sourceKey } from "../plan/texts.ts";

/** Equal for matches that the same code can report. */
export function reportShape(block: PlannedBlock, rule: CheckedRule, candidate: Candidate): string {
  const { presentation } = candidate;
  const params = presentation.params.map((param, i) =>
    isStored(param.source) || isString(presentation, i + 1) ? sourceKey(param.source) : "",
  );
  const texts = [...reportedTexts(rule, candidate), ...reportedLate(block, rule, candidate)].map(
    sourceKey,
  );
  const bytes = shownBytes(rule, presentation).map(
    ({ id, source }) => `${id} ${sourceKey(source)}`,
  );
  const macros = [
    placeOfContainer(rule),
    ...reportedNumbers(rule).map(({ name, place }) => `${name}${place}`),
  ];
  const actions = rule.actions.map((action) =>
    action.type === "FAIL"
      ? `FAIL ${action.errno}`
      : action.type === "SUSPEND"
        ? `SUSPEND ${action.timeoutNs}`
        : action.type,
  );
  const { count, periodNs, per } = rule.limit ?? {};
  const fields = fieldMacros(rule, presentation).map(macroKey);
  const descriptors = descriptorMacros(rule, presentation).map(
    ({ id, source }) => `${id} ${sourceKey(source)}`,
  );
  const shown = [params, texts, bytes, fields, descriptors, macros];
  return [...shown, actions, [count, periodNs, per], countShape(rule, candidate)]
    .map((part) => part.join())
    .join(";");
}

/** What is counted, and where the call has it. */
function countShape(rule: CheckedRule, { target, presentation }: Candidate): string[] {
  if (countOf(rule) === undefined) return [];
  const parts = [target.counted, presentation.params, presentation.as];
  const text = JSON.stringify(parts, (name, value) =>
    name === "span" ? undefined : typeof value === "bigint" ? `${value}n` : value,
  );
  return [text];
}

export function reportedTexts(
  rule: CheckedRule,
  { target, presentation }: Candidate,
): TextSource[] {
  return [...reportedStrings(presentation), ...objectNames(rule, target, presentation)];
}

/** What the report has of the caller beside those texts. */
export function reportedLate(
  { reports }: PlannedBlock,
  rule: CheckedRule,
  { presentation }: Candidate,
): TextSource[] {
  return reportedObjects(rule, presentation, reports);
}
