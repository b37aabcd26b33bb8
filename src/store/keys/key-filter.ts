/**
 * What a batch holds, as a Bloom filter over the hashes of its rules, processes, thread names and paths. It says
 * which batches need not be opened: 20 bits a value let 1 of 7,000 batches be opened in vain. An exact index (a row
 * for each value and batch) was not chosen: random inserts into a tree that has outgrown its cache cost more
 * than all else about an event, and its rows take more room than the compressed events.
 */

const BITS_PER_KEY = 20;
const PROBES = 8;
/** In a small filter probes meet each other too often. */
const MIN_BYTES = 64;

export function buildFilter(keys: Iterable<number>, count: number): Uint8Array {
  const filter = new Uint8Array(Math.max(MIN_BYTES, Math.ceil((count * BITS_PER_KEY) / 8)));
  const bits = filter.length * 8;
  for (const key of keys) {
    const step = stepOf(key);
    let hash = key >>> 0;
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = hash % bits;
      filter[bit >> 3] = (filter[bit >> 3] as number) | (1 << (bit & 7));
      hash = (hash + step) >>> 0;
    }
  }
  return filter;
}

/** False: the value is certainly not there. */
export function mayContain(filter: Uint8Array, hash: number): boolean {
  const bits = filter.length * 8;
  if (bits === 0) return false;
  return probesOf(hash).every((probe) => {
    const bit = probe % bits;
    return ((filter[bit >> 3] as number) & (1 << (bit & 7))) !== 0;
  });
}

/** The first numbers of a value; each, modulo the bits of a filter, is a bit that is set in those that hold it. */
export function probesOf(hash: number, count = PROBES): readonly number[] {
  const key = hash | 0 || 1;
  const step = stepOf(key);
  return Array.from({ length: count }, (_, probe) => (key + probe * step) >>> 0);
}

/** A second hash out of the first; odd, so that probes of one value do not fall together. */
function stepOf(key: number): number {
  let hash = Math.imul(key ^ (key >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) | 1) >>> 0;
}
