/** FD[n].member: where the number of the descriptor is, and which members records have for lines. */
import { extraMacros } from "../../events/index.ts";
import { TAIL_FIELD, TAIL_MACRO } from "../../events/layout.ts";
import type { CheckedRule, Target } from "../../language/checked/index.ts";
import { factsOf, lookedAt } from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import {
  DESCRIPTOR_MEMBERS,
  type DescriptorMember,
  isDescriptorMember,
} from "../../variables/index.ts";
import type { DescriptorSource } from "./block.ts";
import { isMissing, sourceKey } from "./texts.ts";

/** Undefined: the call has no such parameter. Of a parameter that nobody knows, `fd` is unknown. */
export function descriptorSource(
  p: Presentation,
  index: number,
  member: DescriptorMember,
): DescriptorSource | undefined {
  const param = p.params[index - 1];
  if (param === undefined || param.source.kind === "absent") return undefined;
  const isDirectory = param.type.semantic === "dirfd";
  return { kind: "fd", fd: param.source, isDirectory, member };
}

/** Members that the line of a rule shows, with their ids in the tail of a record. */
export function descriptorMacros(
  rule: CheckedRule,
  p: Presentation,
): { readonly id: number; readonly source: DescriptorSource }[] {
  const seen = new Map<string, number>();
  return extraMacros(rule).flatMap(({ name, index = 0, field = "" }, n) => {
    if (name !== "fd" || !isDescriptorMember(field)) return [];
    const source = descriptorSource(p, index, field);
    if (source === undefined || isMissing(source.fd)) return [];
    const isText = DESCRIPTOR_MEMBERS[field].holds === "text";
    const key = sourceKey(source);
    const copy = seen.get(key) ?? 0;
    seen.set(key, copy + 1);
    const own = copy === 0 ? source : { ...source, copy };
    return [{ id: (isText ? TAIL_MACRO : TAIL_FIELD) + n, source: own }];
  });
}

/** Members that the filter or the line of a rule looks at. */
export function descriptorsRead(
  rule: CheckedRule,
  target: Target,
  p: Presentation,
): DescriptorSource[] {
  const inFilter = factsOf(lookedAt(target)).descriptors.flatMap(
    ({ index, member }) => descriptorSource(p, index, member) ?? [],
  );
  const shown = descriptorMacros(rule, p).map(({ source }) => source);
  return [...inFilter.filter(({ fd }) => !isMissing(fd)), ...shown];
}
