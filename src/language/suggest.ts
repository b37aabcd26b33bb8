/** "Did you mean …?": the nearest of the names that would have been right. */

/** Longer names are not worth comparing: the cost is quadratic and nobody mistypes them that way. */
const MAX_NAME = 40;
/** What begins many names means none of them. */
const MIN_BEGIN = 3;

/** Edit distance with swaps of neighbours, or `limit + 1` when it is more than `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? limit + 1;
}

/** The candidate nearest to `name`, if one is near enough to be meant, or else the only one that begins with it. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > MAX_NAME) return undefined;
  const wanted = name.toLowerCase();
  const longer: string[] = [];
  let limit = wanted.length <= 3 ? 1 : wanted.length <= 7 ? 2 : 3;
  let found: string | undefined;
  for (const candidate of candidates) {
    if (wanted.length >= MIN_BEGIN && candidate.toLowerCase().startsWith(wanted))
      longer.push(candidate);
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit || (distance === limit && found !== undefined)) continue;
    // where half of the letters differ, names do not resemble each other
    if (2 * distance >= Math.max(wanted.length, 3)) continue;
    found = candidate;
    limit = distance;
    if (distance === 0) break;
  }
  return found ?? (longer.length === 1 ? longer[0] : undefined);
}

/** A hint for an unknown name, as the extra part of a diagnostic. */
export function didYouMean(name: string, candidates: Iterable<string>): { hint?: string } {
  const found = nearest(name, candidates);
  return found === undefined ? {} : { hint: `did you mean \`${found}\`?` };
}
