/** Medians, and the order that makes them comparable. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * A B C A B C …: what makes the machine slower for a while makes all slower. Returns the results of each
 * contender, in the order of the contenders.
 */
export async function alternate<C, R>(
  rounds: number,
  contenders: readonly C[],
  measure: (contender: C) => Promise<R>,
): Promise<R[][]> {
  const results: R[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      (results[i] as R[]).push(await measure(contender));
    }
  }
  return results;
}
