/**
 * When the service cannot keep up, the ring fills, and a full ring loses whatever comes next, be it the one event of
 * a quiet rule. Before that, the loudest rules give way: of each batch a rule keeps as many events as fit when all
 * rules get the same share, and a rule below its share loses nothing. What is left out is counted per rule.
 */
import { RecordOffset } from "../events/layout.ts";

const RECORD_HEADER = 8;
const DISCARDED = 0x40000000;
const LENGTH_MASK = 0x3fffffff;

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
  const view = new DataView(batch.buffer, batch.byteOffset, used);
  const counts = new Map<string, number>();
  let total = 0;
  for (let at = 0; at < used; at += sizeAt(view, at)) {
    if ((view.getInt32(at, true) & DISCARDED) !== 0) continue;
    const rule = ruleOf(siteAt(view, at));
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
    total++;
  }
  const cap = fairCap([...counts.values()], Math.ceil(total * share));
  const kept = new Map<string, number>();
  const throttled = new Map<string, number>();
  const sites = new Map<number, number>();
  let to = 0;
  for (let at = 0, size = 0; at < used; at += size) {
    size = sizeAt(view, at);
    if ((view.getInt32(at, true) & DISCARDED) !== 0) continue;
    const site = siteAt(view, at);
    const rule = ruleOf(site);
    const count = kept.get(rule) ?? 0;
    if (count >= cap) {
      sites.set(site, (sites.get(site) ?? 0) + 1);
      throttled.set(rule, (throttled.get(rule) ?? 0) + 1);
      continue;
    }
    kept.set(rule, count + 1);
    if (to !== at) batch.copyWithin(to, at, at + size);
    to += size;
  }
  return { used: to, records: total, unknown: counts.get("") ?? 0, throttled, sites };
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

function sizeAt(view: DataView, at: number): number {
  return ((view.getInt32(at, true) & LENGTH_MASK) + RECORD_HEADER + 7) & ~7;
}

function siteAt(view: DataView, at: number): number {
  return view.getUint32(at + RECORD_HEADER + RecordOffset.site, true);
}
