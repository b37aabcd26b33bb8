/** Members of structs that parameters point to: where they lie, and which of them records have for lines. */
import { extraMacros, type FieldKind, kindOfField } from "../../events/index.ts";
import { TAIL_FIELD, TAIL_MACRO } from "../../events/layout.ts";
import type { CheckedRule } from "../../language/checked/index.ts";
import { factsOf, lookedAt } from "../../language/index.ts";
import type { ParamType, Presentation, StructField } from "../../language/vocabulary.ts";
import { filesOfHook, hooksOf, vocabulary } from "../../linux/index.ts";
import type {
  Block,
  FieldCondition,
  FieldPlace,
  PlannedRule,
  StringSlot,
  TextField,
} from "./block.ts";
import { reachingCall } from "./reaching-call.ts";
import { isMissing, sourceKey } from "./texts.ts";

export function fieldPlace(p: Presentation, index: number, name: string): FieldPlace {
  const param = p.params[index - 1];
  if (param === undefined) return { pointer: { kind: "unknown" }, field: undefined };
  const { struct } = param.type;
  const field = struct === undefined ? undefined : vocabulary.structField(struct, name, p.abi);
  const copyHook = param.address?.in === "sockaddr" ? addressHookOf(p) : undefined;
  const place = {
    pointer: param.source,
    ...(copyHook === undefined ? {} : { copyHook }),
    ...(param.isOptional === true ? { isOptional: true as const } : {}),
  };
  return field === undefined ? { ...place, field } : withConditions(place, field, p);
}

function withConditions(
  place: Omit<FieldPlace, "field">,
  field: StructField,
  p: Presentation,
): FieldPlace {
  const { only, otherwise } = field;
  if (only === undefined) return { ...place, field };
  const conditions = only.map(({ param, mask, values }): FieldCondition => {
    const source = p.params[param - 1]?.source ?? { kind: "unknown" };
    return { source, mask, values };
  });
  const rest = otherwise && withConditions(place, otherwise, p);
  return { ...place, field, only: conditions, ...(rest === undefined ? {} : { otherwise: rest }) };
}

function addressHookOf(p: Presentation): string | undefined {
  return hooksOf(reachingCall(p)).find((hook) => addressOfHook(hook) !== undefined);
}

/** Which arguments of a hook are the kernel's copy of the address of a socket, and its length. */
export function addressOfHook(
  hook: string,
): { readonly at: number; readonly length: number } | undefined {
  const found = filesOfHook(hook).find(({ kind }) => kind === "address");
  return found?.kind === "address" ? found : undefined;
}

/** Whether rules of the block decide on the kernel's copy: another thread may change that of the caller. */
export function decidesOnCopy(
  { enforcement, hooks }: Pick<Block, "enforcement" | "hooks">,
  { copyHook }: FieldPlace,
): boolean {
  return enforcement !== undefined && copyHook !== undefined && hooks.includes(copyHook);
}

/** Text of a member, as rules of one moment see it. */
export function fieldText(
  p: Presentation,
  index: number,
  name: string,
  when: CheckedRule["when"],
): TextField {
  return { kind: "field", ...fieldPlace(p, index, name), atExit: when === "after" };
}

/** Bytes of a text that lies in the struct itself, `char[N]`; undefined: the member points to it. */
export function inlineSize({ c }: ParamType): number | undefined {
  const size = /\[([0-9]+)\]$/.exec(c)?.[1];
  return size === undefined ? undefined : Number(size);
}

/** Texts of members that the filters of a rule look at. */
export function filterFields(rule: CheckedRule, p: Presentation, filter: Filter): TextField[] {
  return factsOf(filter)
    .members.filter(({ kind }) => kind === "stringField")
    .map(({ index, field }) => fieldText(p, index, field, rule.when))
    .filter(({ pointer }) => !isMissing(pointer));
}

type Filter = Parameters<typeof factsOf>[0];

/** A member that the line of a rule shows: its id in the tail of a record, and what lies there. */
export interface FieldMacro {
  readonly id: number;
  readonly kind: FieldKind;
  readonly index: number;
  readonly field: string;
  readonly source: TextField;
}

export function fieldMacros(rule: CheckedRule, p: Presentation): FieldMacro[] {
  return extraMacros(rule).flatMap((macro, n) => {
    const { name, index = 0, field } = macro;
    if (field === undefined || name !== "param") return [];
    const source = fieldText(p, index, field, rule.when);
    if (source.field === undefined || isMissing(source.pointer)) return [];
    const kind = kindOfField(field, source.field);
    return [{ id: (kind === "text" ? TAIL_MACRO : TAIL_FIELD) + n, kind, index, field, source }];
  });
}

export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** Equal for members that the same code reads. */
export function macroKey({ id, kind, source, field }: FieldMacro): string {
  return `${id} ${kind} ${sourceKey(source)} ${kind === "address" ? lastPart(field) : ""}`;
}

/** Members that rules read, in filters or for their lines. */
export function readPlaces(rules: readonly PlannedRule[]): FieldPlace[] {
  return rules.flatMap(({ rule, candidates }) =>
    candidates.flatMap(({ target, presentation }) => [
      ...factsOf(lookedAt(target)).members.map(({ index, field }) =>
        fieldPlace(presentation, index, field),
      ),
      ...fieldMacros(rule, presentation).map(({ source }) => source),
    ]),
  );
}

/** What the call writes, which is read when it has returned. */
export function isAtExit({ source }: StringSlot): boolean {
  return source.kind === "buffer" ? source.isFilled : source.kind === "field" && source.atExit;
}
