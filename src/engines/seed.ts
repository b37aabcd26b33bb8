/** What choices by chance depend on, for every engine that makes them again. */
import type { CheckedRule } from "../language/index.ts";

interface Seed {
  /** Whole, below 2^32. */
  readonly seed: number;
  /** How to make the same choices again; empty: no rule makes any. */
  readonly notices: readonly string[];
}

/** That which is given, or one by chance. */
export function chooseSeed(rules: readonly CheckedRule[], given: number | undefined): Seed {
  const seed = given ?? Math.floor(Math.random() * 2 ** 32);
  return { seed, notices: seedNotices(rules, seed) };
}

export function seedNotices(rules: readonly CheckedRule[], seed: number | undefined): string[] {
  const usesChance = rules.some(({ frequency }) => frequency?.chance !== undefined);
  return usesChance && seed !== undefined ? [`--seed ${seed} makes the same choices again`] : [];
}
