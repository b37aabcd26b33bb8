/** Which buffers an event shows as text: those that its rule looks at or names. All others are addresses, as pointers are. */
import { factsOf } from "./checked/facts.ts";
import type { CheckedRule } from "./checked/index.ts";
import type { Presentation } from "./vocabulary.ts";

/** Indexes of presented parameters, from 1, in ascending order. */
export function shownBuffers(rule: CheckedRule, presentation: Presentation): readonly number[] {
  const targets = rule.targets.filter(({ name }) => name === presentation.as);
  return presentation.params.flatMap(({ type, source, data }, i) => {
    if (
      (type.kind !== "buffer" && data === undefined) ||
      source.kind === "absent" ||
      source.kind === "unknown"
    )
      return [];
    const isMeant =
      targets.some(({ filter }) => factsOf(filter).buffers.has(i + 1)) || namesParam(rule, i + 1);
    return isMeant ? [i + 1] : [];
  });
}

/** `%param2` in one of its formats. */
function namesParam({ actions }: CheckedRule, index: number): boolean {
  return actions.some(
    (action) =>
      action.type === "LOG" &&
      action.format?.some(
        (piece) =>
          piece.kind === "macro" &&
          piece.name === "param" &&
          piece.index === index &&
          piece.field === undefined,
      ),
  );
}
