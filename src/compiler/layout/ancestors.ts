/**
 * What filters ask of the ancestors of a caller. One walk over them answers all questions of a block: each has a bit in a
 * word, and a function that compares one ancestor with all of them (see emit/ancestors.ts).
 */
import { factsOf } from "../../language/index.ts";
import type { PlannedBlock } from "../plan/block.ts";
import { oneOfEach } from "../plan/kinds.ts";

/** Name of a process, or its number. */
export type Ancestor = string | number;

/** Bits of a word that remain beside those that say what became of the walk. */
export const MOST_ANCESTORS_ASKED = 56;

/** All that rules of the block ask for, each once, in groups that one walk serves. */
export function ancestorsAsked(
  block: Pick<PlannedBlock, "before" | "after">,
): readonly (readonly Ancestor[])[] {
  const asked = new Set<Ancestor>();
  for (const { candidates } of [...oneOfEach(block.before), ...oneOfEach(block.after)])
    for (const { target } of candidates)
      for (const ancestor of factsOf(target.filter).ancestors) asked.add(ancestor);
  const all = [...asked];
  const groups: Ancestor[][] = [];
  for (let i = 0; i < all.length; i += MOST_ANCESTORS_ASKED)
    groups.push(all.slice(i, i + MOST_ANCESTORS_ASKED));
  return groups;
}

/** The groups of all blocks, by number; equal ones share a function. */
export class AncestorTable {
  readonly #numbers = new Map<string, number>();
  readonly groups: (readonly Ancestor[])[] = [];

  place(group: readonly Ancestor[]): number {
    const key = JSON.stringify(group);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.groups.push(group) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}
