/** What the code of a block needs besides the stack. */

import { onceForEach } from "../../base/once-for-each.ts";
import { isStored } from "../../events/layout.ts";
import type { CheckedRule } from "../../language/checked/index.ts";
import { countOf, factsOf, lookedAt, makesEvents } from "../../language/index.ts";
import { needsLookup, rowOf } from "../../linux/index.ts";
import type { Block, Candidate, TextSource } from "../plan/block.ts";
import { isPieced, shownBytes } from "../plan/bytes.ts";
import { callNamesOf } from "../plan/enforce.ts";
import { oneOfEach } from "../plan/kinds.ts";
import { reportedNumbers, reportedObjects, usesFiles } from "../plan/names.ts";
import { needsAutomaton } from "../plan/string-cost.ts";
import { fieldMacros, readPlaces } from "../plan/struct-field.ts";
import { isObject, isString, sourceKey } from "../plan/texts.ts";

/** Largest number of texts and of numbers in user memory that one record of the block can hold; one text more where pieces need room. */
export const tailNeeds = onceForEach((block: Block): { strings: number; values: number } => {
  let strings = block.strings.length;
  let values = 0;
  let pieced = block.strings.some(({ source }) => isPieced(source));
  const early = new Set(block.strings.map((slot) => sourceKey(slot.source)));
  for (const [rule, { presentation }] of matches(block)) {
    if (!makesEvents(rule)) continue;
    const own = presentation.params.filter((_, i) => isString(presentation, i + 1));
    const late = own.filter((param) => !early.has(sourceKey(param.source)));
    const objects = reportedObjects(rule, presentation, block.reports);
    const more = objects.filter((source) => !early.has(sourceKey(source)));
    const fields = fieldMacros(rule, presentation);
    const texts = fields.filter(({ kind }) => kind === "text");
    const read = new Set(early);
    // a text that a filter looks at is shown once from there
    const lateTexts = texts.filter(({ source }) => !read.delete(sourceKey(source)));
    const bytes = shownBytes(rule, presentation).filter(
      ({ source }) => !early.has(sourceKey(source)),
    );
    pieced ||= bytes.some(({ source }) => isPieced(source));
    const count = late.length + more.length + lateTexts.length + bytes.length;
    strings = Math.max(strings, block.strings.length + count);
    const inMemory = presentation.params.filter((p) => isStored(p.source));
    // an address has up to 16 bytes: room for two numbers
    const numbers = reportedNumbers(rule).length + 2 * (fields.length - texts.length);
    values = Math.max(values, inMemory.length + numbers);
  }
  return { strings: pieced ? strings + 1 : strings, values };
});

/**
 * The record must be in task storage: it has a tail, may outlive the entry, or is read by an automaton. Beside a record the stack
 * has no room for the walk over ancestors, which is a function with a frame of its own.
 */
export const needsArea = onceForEach((block: Block): boolean => {
  if (needsExit(block) || matches(block).some(([rule]) => countsText(rule))) return true;
  return candidates(block).some(
    ({ target: { filter } }) =>
      filter !== undefined && (needsAutomaton(filter) || factsOf(filter).ancestors.size > 0),
  );
});

/** Something may have to be done when the call returns. */
export const needsExit = onceForEach((block: Block): boolean => {
  const { strings, values } = tailNeeds(block);
  const guarded = matches(block).some(([rule, candidate]) => hasMemory(rule, candidate));
  return (
    strings > 0 ||
    values > 0 ||
    block.after.length > 0 ||
    guarded ||
    keepsVerdict(block) ||
    readPlaces(block.before).length > 0
  );
});

/** The decision lives on behind the entry: for the hooks, or for the restart of a suspended call. */
export function keepsVerdict(block: Block): boolean {
  return block.hooks.length > 0 || stopsCalls(block);
}

/** A process can be stopped before the call is made, which is made again when it continues. */
export function stopsCalls(block: Block): boolean {
  return block.enforcement !== undefined && suspends(block);
}

/** Hooks are asked about the file of each of several things that the call does. */
export function repeatsHooks(block: Block): boolean {
  if (!usesFiles(block)) return false;
  return [...callNamesOf([...oneOfEach(block.before), ...oneOfEach(block.after)])].some(
    (call) => rowOf(call).repeatsHooks,
  );
}

function suspends(block: Block): boolean {
  return block.before.some(({ rule }) => rule.actions.some(({ type }) => type === "SUSPEND"));
}

function hasMemory(rule: CheckedRule, { target, presentation }: Candidate): boolean {
  const { numbers } = factsOf(lookedAt(target));
  return (
    presentation.guards.some((guard) => guard.source.kind === "memory") ||
    presentation.params.some(
      ({ source }, i) => isStored(source) && (makesEvents(rule) || numbers.has(i + 1)),
    )
  );
}

function candidates(block: Block): Candidate[] {
  return matches(block).map(([, candidate]) => candidate);
}

/** Each way in which a rule of the block can match; rules of one kind match in the same ways. */
function matches(block: Block): (readonly [CheckedRule, Candidate])[] {
  return [...oneOfEach(block.before), ...oneOfEach(block.after)].flatMap(
    ({ rule, candidates: all }) => all.map((candidate) => [rule, candidate] as const),
  );
}

/** Text of the block is the name of a file that a kernel object leads to: EXE, CWD, PATH, a directory. */
export function namesFiles(block: Block): boolean {
  const isPath = (source: TextSource): boolean =>
    source.kind === "fd" ? source.member === "path" : source.kind !== "cmdline";
  if (block.strings.some(({ source }) => isObject(source) && isPath(source))) return true;
  return matches(block).some(([rule, { presentation }]) =>
    reportedObjects(rule, presentation, block.reports).some(isPath),
  );
}

/** Some hook of the block needs to know what was looked up. */
export function keepsLookups(block: Block): boolean {
  return usesFiles(block) && [...block.hooks, ...block.ringHooks].some(needsLookup);
}

/** Its keys do not fit on the stack. */
function countsText(rule: CheckedRule): boolean {
  return countOf(rule)?.by.some(({ is }) => is === "text") === true;
}
