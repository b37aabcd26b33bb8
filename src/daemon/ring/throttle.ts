/**
 * When the service cannot keep up, the ring fills, and a full ring loses whatever comes next, be it the one event of
 * a quiet rule. Before that, the loudest rules give way: of each batch a rule keeps as many events as fit when all
 * rules get the same share, and a rule below its share loses nothing. What is left out is counted per rule.
 */
import { RingStream } from "../../events/index.ts";

/** Share of a batch that is kept, by how full the ring is (0 to 1). */
export function shareAt(fill: number): number {
  if (fill < 0.5) return 1;
  return fill < 0.75 ? 0.5 : 0.125;
}

export interface Thinned {
  /** Bytes that are left at the beginning of the batch. */
  readonly used: number;
  /** Records that were there. */
  readonly records: number;
  /** Of them those whose rule has no name: of no rule set that is known. */
  readonly unknown: number;
  readonly throttled: ReadonlyMap<string, number>;
  /** The same by the number of the site, which identifies the rule set as well. */
  readonly sites: ReadonlyMap<number, number>;
}

/** Leaves about `share` of the records in `batch`, in their order. `ruleOf` names the rule of a site. */
export function thin(
  batch: Uint8Array,
  used: number,
  share: number,
  ruleOf: (site: number) => string,
): Thinned {
  const ring = new RingStream(batch.subarray(0, used));
  const rules = new Map<string, OfRule>();
  let total = 0;
  while (ring.next()) {
    const name = ruleOf(ring.site);
    const known = rules.get(name);
    if (known === undefined) rules.set(name, { count: 1, kept: 0 });
    else known.count++;
    total++;
  }
  const counts = [...rules.values()].map(({ count }) => count);
  const cap = fairCap(counts, Math.ceil(total * share));
  const unknown = rules.get("")?.count ?? 0;
  const throttled = new Map<string, number>();
  const sites = new Map<number, number>();
  // nothing to leave out: the batch stays as it is
  if (cap === Number.POSITIVE_INFINITY && !ring.hasDiscarded)
    return { used, records: total, unknown, throttled, sites };
  let to = 0;
  for (ring.rewind(); ring.next(); ) {
    const { site, start, end } = ring;
    const name = ruleOf(site);
    const rule = rules.get(name);
    if (rule === undefined || rule.kept >= cap) {
      sites.set(site, (sites.get(site) ?? 0) + 1);
      throttled.set(name, (throttled.get(name) ?? 0) + 1);
      continue;
    }
    rule.kept++;
    if (to !== start) batch.copyWithin(to, start, end);
    to += end - start;
  }
  return { used: to, records: total, unknown, throttled, sites };
}

/** Records of one rule in a batch. */
interface OfRule {
  count: number;
  kept: number;
}

/** Largest number that each may have so that all together have at most `quota`, and at least one. */
function fairCap(counts: readonly number[], quota: number): number {
  let left = quota;
  const ascending = counts.toSorted((a, b) => a - b);
  for (const [i, count] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - i));
    if (count > share) return Math.max(share, 1);
    left -= count;
  }
  return Number.POSITIVE_INFINITY;
}
