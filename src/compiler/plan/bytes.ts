/** Buffers and lists of strings that rules look at or show. */
import { extraMacros } from "../../events/index.ts";
import { TAIL_MACRO } from "../../events/layout.ts";
import type { CheckedRule, Target } from "../../language/checked/index.ts";
import {
  factsOf,
  type ListText,
  lookedAt,
  makesEvents,
  shownBuffers,
} from "../../language/index.ts";
import type { Presentation, ValueSource } from "../../language/vocabulary.ts";
import type { BufferSource, ListSource, TextSource } from "./block.ts";
import { isMissing } from "./texts.ts";

/** A text that an event shows, with the id of its tail entry. */
export interface ShownBytes {
  readonly source: TextSource;
  readonly id: number;
}

/**
 * The text of a buffer; undefined: the call has none. A buffer of unknown length is a string. With `isOver` the call has
 * returned.
 */
export function bufferSource(
  { params }: Presentation,
  index: number,
  isOver: boolean,
): BufferSource | ValueSource | undefined {
  const pointer = params[index - 1];
  if (pointer === undefined || pointer.source.kind === "absent") return undefined;
  const { source, type } = pointer;
  const { data } = pointer;
  if (data !== undefined && source.kind !== "unknown")
    return { kind: "buffer", pointer, length: undefined, isFilled: isOver && data.isFilled };
  const isFilled = isOver && type.isFilled === true;
  const isVector = source.kind === "memory" && source.vector !== undefined;
  if (isVector) return { kind: "buffer", pointer, length: undefined, isFilled };
  if (source.kind === "unknown" || type.lengthParam === undefined) return source;
  return { kind: "buffer", pointer, length: params[type.lengthParam - 1], isFilled };
}

/** The text that ARGV or ENVP mean; undefined: the call has no such list. */
export function listSource(
  presentation: Presentation,
  text: Pick<ListText, "kind"> & { readonly index?: number; readonly name?: string },
): ListSource | undefined {
  const { name, index } = text;
  if (text.kind === "envp") return listAt(presentation, 1, { is: "value", name: name ?? "" });
  return listAt(presentation, 0, index === undefined ? { is: "joined" } : { is: "nth", n: index });
}

/** argv is the first list of a call, envp the second. */
function listAt(
  { params }: Presentation,
  nth: 0 | 1,
  part: ListSource["part"],
): ListSource | undefined {
  const pointer = params.filter(({ type }) => type.kind === "strings")[nth]?.source;
  return pointer === undefined || isMissing(pointer) ? undefined : { kind: "list", pointer, part };
}

/** What the filter of a rule looks at. */
export function filterBytes(
  rule: CheckedRule,
  target: Target,
  presentation: Presentation,
): TextSource[] {
  const { buffers, lists } = factsOf(lookedAt(target));
  const isOver = rule.when === "after";
  return [
    ...[...buffers].map((index) => bufferSource(presentation, index, isOver)),
    ...lists.map((text) => listSource(presentation, text)),
  ].filter((source) => source !== undefined && source.kind !== "unknown") as TextSource[];
}

/** What events of a rule show. */
export function shownBytes(rule: CheckedRule, presentation: Presentation): ShownBytes[] {
  const shown: ShownBytes[] = [];
  if (!makesEvents(rule)) return shown;
  for (const index of shownBuffers(rule, presentation)) {
    const source = bufferSource(presentation, index, rule.when === "after");
    if (source !== undefined) shown.push({ source, id: index });
  }
  for (const [n, { name, index, argument }] of extraMacros(rule).entries()) {
    const source =
      name === "argv"
        ? index === undefined
          ? listAt(presentation, 0, { is: "all" })
          : listSource(presentation, { kind: "argv", index })
        : name === "envp"
          ? listSource(presentation, { kind: "envp", name: argument ?? "" })
          : undefined;
    if (source !== undefined) shown.push({ source, id: TAIL_MACRO + n });
  }
  return shown;
}

/** Reading it goes beyond the end of its entry: from piece to piece, each as long as a text may be. */
export function isPieced(source: TextSource): boolean {
  return source.kind === "list" || (source.kind === "buffer" && source.length === undefined);
}
