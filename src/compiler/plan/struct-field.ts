/** Members of structs that parameters point to: where they lie, and which of them records have for lines. */
import { extraMacros, type FieldKind, kindOfField } from "../../events/index.ts";
import { TAIL_FIELD, TAIL_MACRO } from "../../events/layout.ts";
import type { CheckedRule } from "../../language/checked/index.ts";
import { factsOf } from "../../language/index.ts";
import type {
  ParamType,
  Presentation,
  StructField,
  ValueSource,
} from "../../language/vocabulary.ts";
import { vocabulary } from "../../linux/index.ts";
import type { PlannedRule, StringSlot, TextField } from "./block.ts";
import { isMissing, sourceKey } from "./texts.ts";

/** A member of a struct whose address the call has. */
export interface FieldPlace {
  readonly pointer: ValueSource;
  /** Undefined: the struct of this call has no such member. */
  readonly field: StructField | undefined;
}

export function fieldPlace(p: Presentation, index: number, name: string): FieldPlace {
  const param = p.params[index - 1];
  if (param === undefined) return { pointer: { kind: "unknown" }, field: undefined };
  const { struct } = param.type;
  const field = struct === undefined ? undefined : vocabulary.structField(struct, name, p.abi);
  return { pointer: param.source, field };
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
    const { index = 0, field } = macro;
    if (field === undefined) return [];
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
      ...factsOf(target.filter).members.map(({ index, field }) =>
        fieldPlace(presentation, index, field),
      ),
      ...fieldMacros(rule, presentation).map(({ source }) => source),
    ]),
  );
}

export function isAtExit({ source }: StringSlot): boolean {
  return source.kind === "field" && source.atExit;
}
