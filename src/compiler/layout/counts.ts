/**
 * Maps of rules that count. Rules whose keys and values have the same sizes share a hash map, one value for each processor:
 *
 *   key    0      4          8
 *          | rule | statuses | values of `by` …      two bits of the statuses for each value, see KeyStatus
 *   value  0       8
 *          | calls | for each measure: sum, or 66 buckets; then the calls without such a number …
 *
 * A number has 8 bytes, as has the number of a site; a name has 16; a text and an address have their length in 8 bytes before
 * them, and zeros behind them. What has no `by`, and what finds its map full, is in an array with a value for each rule.
 */
import { type CheckedRule, countOf } from "../../language/checked/index.ts";
import { BUCKETS, FIXED_SIZES, keyTextBytes, mostRows } from "../../language/index.ts";
import type { CompiledMap } from "./compiled-map.ts";
import { MapName } from "./map-names.ts";

export const KeyStatus = { ok: 0, unreadable: 1, none: 2, cut: 3 } as const;

export const CountKeyOffset = { rule: 0, statuses: 4, values: 8 } as const;
/** Of a text or an address, before its bytes. */
const LENGTH_SIZE = 8;
const WORD = 8;
const CALLS_SIZE = WORD;

/** Where a rule's counts lie. */
export interface CountPlace {
  /** Undefined: there is nothing behind `by`. */
  readonly map: string | undefined;
  readonly keySize: number;
  readonly valueSize: number;
  /** Offsets in the key, one for each value of `by`. */
  readonly parts: readonly number[];
  /** Bytes of a text that count. */
  readonly textBytes: number;
  /** The key is too long for the stack of a program. */
  readonly isLong: boolean;
  readonly measures: readonly {
    readonly offset: number;
    /** Of the calls without such a number. */
    readonly without: number;
  }[];
}

/** Most bytes of a key, for which areas have room where a rule counts by text or address. */
export const COUNT_KEY_ROOM = 512;
/** Maps of one rule set; a program can use 64. */
export const MOST_COUNT_MAPS = 16;
/** Memory of one map for each processor, which the kernel takes when the map is made. */
const MOST_BYTES = 32 << 20;

export class CountLayout {
  readonly #places = new Map<CheckedRule, CountPlace>();
  readonly #entries = new Map<string, { place: CountPlace; rows: number }>();
  readonly #last: number;

  constructor(rules: readonly CheckedRule[]) {
    this.#last = rules.findLastIndex((rule) => countOf(rule) !== undefined);
    for (const rule of rules) {
      const action = countOf(rule);
      if (action === undefined) continue;
      const sizes = sizesOf(action);
      if (action.by.length === 0) {
        this.#places.set(rule, { ...sizes, map: undefined });
        continue;
      }
      const key = `${sizes.keySize} ${sizes.valueSize}`;
      let known = this.#entries.get(key);
      if (known === undefined) {
        const map = `${MapName.tables}${this.#entries.size}`;
        known = { place: { ...sizes, map }, rows: 0 };
        this.#entries.set(key, known);
      }
      known.rows += mostRows(action);
      this.#places.set(rule, { ...sizes, map: known.place.map });
    }
  }

  /** Throws for a rule that does not count. */
  of(rule: CheckedRule): CountPlace {
    const place = this.#places.get(rule);
    if (place === undefined) throw new Error(`${rule.name} does not count`);
    return place;
  }

  /** Hash maps. */
  get size(): number {
    return this.#entries.size;
  }

  /** Bytes that areas have for keys. */
  get room(): number {
    return [...this.#places.values()].some(({ isLong }) => isLong) ? COUNT_KEY_ROOM : 0;
  }

  maps(): CompiledMap[] {
    if (this.#last < 0) return [];
    const hashes = [...this.#entries.values()].map(({ place, rows }): CompiledMap => {
      const { keySize, valueSize, map = "" } = place;
      const maxEntries = Math.min(rows, Math.floor(MOST_BYTES / (keySize + valueSize)));
      return { name: map, type: "percpu_hash", keySize, valueSize, maxEntries };
    });
    const valueSize = Math.max(...[...this.#places.values()].map((place) => place.valueSize));
    return [
      ...hashes,
      { name: MapName.uncounted, type: "percpu_array", valueSize, maxEntries: this.#last + 1 },
      {
        ...{ name: MapName.noCounts, type: "array", valueSize, maxEntries: 1 },
        content: new Uint8Array(valueSize),
      },
    ];
  }
}

function sizesOf(action: NonNullable<ReturnType<typeof countOf>>): Omit<CountPlace, "map"> {
  const hasText = action.by.some(({ is }) => is === "text");
  const textBytes = hasText ? keyTextBytes(action) : 0;
  let keySize: number = CountKeyOffset.values;
  const parts = action.by.map(({ is }) => {
    const offset = keySize;
    keySize += is === "text" ? LENGTH_SIZE + textBytes : FIXED_SIZES[is];
    return offset;
  });
  let valueSize = CALLS_SIZE;
  const measures = action.measures.map(({ kind }) => {
    const offset = valueSize;
    const without = offset + (kind === "hist" ? BUCKETS * WORD : WORD);
    valueSize = without + WORD;
    return { offset, without };
  });
  const isLong = hasText || action.by.some(({ is }) => is === "address");
  return { keySize, valueSize, parts, textBytes, isLong, measures };
}
