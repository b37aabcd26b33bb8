/**
 * Calls that rules treat alike share their code: the verifier follows it once for all of them. What distinguishes the members of a
 * family apart at run time is the number of the first site of each, which their entries put beside the record.
 */
import { onceForEach } from "../../base/once-for-each.ts";
import { isStored } from "../../events/layout.ts";
import type { BoolExpr, CheckedRule, Target } from "../../language/checked/index.ts";
import { factsOf, lookedAt, makesEvents, shownBuffers } from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { variable } from "../../variables/index.ts";
import { acts } from "./acts.ts";
import type { Block, PlannedRule } from "./block.ts";
import { descriptorsRead } from "./descriptors.ts";
import { oneOfEach } from "./kinds.ts";
import { reportedObjects, usesFiles } from "./names.ts";
import { fieldMacros, fieldPlace, macroKey } from "./struct-field.ts";
import { isString, sourceKey } from "./texts.ts";

export interface Family {
  /** Its code is that of all members; its first member. */
  readonly leader: Block;
  readonly members: readonly Block[];
}

/** In the order of their leaders. Blocks with something of their own are alone. */
export function familiesOf(blocks: readonly Block[]): readonly Family[] {
  const byKey = new Map<string, Block[]>();
  for (const block of blocks) {
    const key = familyKey(block);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [block]);
    else known.push(block);
  }
  return [...byKey.values()].map((members) => ({ leader: members[0] as Block, members }));
}

const familyKey = onceForEach((block: Block): string =>
  canShare(block) ? keyOf(block) : `${block.id}`,
);

/** Of few kinds, since the code of a kind is short. */
const MOST_RULES = 1000;
const FEW_KINDS = 64;

/** Decisions, files and programs that are executed have code that knows the call. */
function canShare(block: Block): boolean {
  const rules = [...oneOfEach(block.before), ...oneOfEach(block.after)];
  return (
    // each way in which rules differ would be compared, and code that many rules share is short
    (block.before.length + block.after.length <= MOST_RULES || rules.length > FEW_KINDS) &&
    block.enforcement === undefined &&
    block.hooks.length + block.ringHooks.length === 0 &&
    !block.isExec &&
    !usesFiles(block) &&
    rules.every(({ rule, candidates }) => !acts(rule) && !candidates.some(knowsCall))
  );
}

/** All others are read from the record or the task, whatever the call is. */
function knowsCall({ target }: PlannedRule["candidates"][number]): boolean {
  return [...factsOf(lookedAt(target)).variables].some(
    (name) => variable(name).record.in === "site",
  );
}

/** Equal for blocks whose code differs in nothing but their numbers. */
function keyOf(block: Block): string {
  const planned = (rules: readonly PlannedRule[]) =>
    rules.map(({ rule, ruleIndex, candidates }) => [
      ruleIndex,
      candidates.map((one) => partsOf(rule, one, block)),
    ]);
  const parts = [
    block.strings.map(({ source }) => sourceKey(source)),
    planned(block.before),
    planned(block.after),
  ];
  const key = textOf(parts);
  // addresses in memory have the width of the ABI
  return key.includes('"memory"') ? `${block.abi} ${key}` : key;
}

function textOf(parts: unknown): string {
  return JSON.stringify(parts, (name, value) =>
    name === "span" ? undefined : typeof value === "bigint" ? `${value}n` : value,
  );
}

/** Of a rule there are many presentations, most with one filter. */
const filterText = onceForEach((filter: BoolExpr): string => textOf(filter));

function partsOf(
  rule: PlannedRule["rule"],
  { target, presentation, siteIndex }: PlannedRule["candidates"][number],
  block: Block,
): unknown {
  const { numbers, texts } = factsOf(lookedAt(target));
  const hasEvents = makesEvents(rule);
  const buffers = shownBuffers(rule, presentation);
  const params = presentation.params.flatMap((param, i): unknown[] => {
    const { source, type } = param;
    const isText = isString(presentation, i + 1);
    // how much of a buffer there is may be said by another parameter
    if (buffers.includes(i + 1)) return [[i, presentation.params]];
    if (numbers.has(i + 1) || (isStored(source) && hasEvents)) return [[i, source, type]];
    // a text has no width
    return isText && (hasEvents || texts.has(i + 1)) ? [[i, source, type.kind]] : [];
  });
  const objects = reportedObjects(rule, presentation, block.reports);
  const fields = fieldsOf(rule, target, presentation);
  const files = descriptorsRead(rule, target, presentation);
  const { filter, counted } = target;
  const text = filter && filterText(filter);
  const looks = [text, counted, presentation.guards, params, objects, fields, files];
  return [siteIndex - block.firstSite, ...looks];
}

/** Members of structs lie where the ABI has them. */
function fieldsOf(rule: CheckedRule, target: Target, presentation: Presentation): unknown[] {
  const looked = factsOf(lookedAt(target)).members.map(({ kind, index, field }) => [
    "memory",
    kind,
    fieldPlace(presentation, index, field),
  ]);
  const shown = fieldMacros(rule, presentation).map((macro) => ["memory", macroKey(macro)]);
  return [...looked, ...shown];
}
