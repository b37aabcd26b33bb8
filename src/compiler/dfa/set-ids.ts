/** Numbers for sets of numbers, which are given in ascending order. A key of text for each would cost more than the search. */

const FACTOR = 0x01000193;

export class SetIds {
  /** By hash. */
  readonly #known = new Map<number, { readonly set: readonly number[]; readonly id: number }[]>();

  /** The number of a set; undefined: it has none yet. */
  get(set: readonly number[]): number | undefined {
    return this.#known.get(hashOf(set))?.find((one) => isSame(one.set, set))?.id;
  }

  set(set: readonly number[], id: number): void {
    const hash = hashOf(set);
    const known = this.#known.get(hash);
    if (known === undefined) this.#known.set(hash, [{ set, id }]);
    else known.push({ set, id });
  }
}

function hashOf(set: readonly number[]): number {
  let hash = set.length;
  for (const one of set) hash = Math.imul(hash ^ one ^ (hash >>> 15), FACTOR);
  return hash;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
