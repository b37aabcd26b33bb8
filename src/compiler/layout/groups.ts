/**
 * Tables of rules that differ in constants alone. One read-only map has all of them, and all places count from its beginning:
 *
 *   automaton  states, 16 bytes each: u32 cells, u32 state for all other bytes, u32 list, u32 0
 *              cells, 8 bytes each: u32 state that the cell is of, u32 state that follows. A state has one at `cells` + 8 * byte
 *              for each byte that leads somewhere of its own; one that nothing leaves has `cells` 0
 *   lists      u32 numbers of rows, ascending, from 1, with 0 behind the last. Where rows compare numbers, what leads to lists is a
 *              choice of them: u32 their count less 1, then for each the u32 place, by the hash of the numbers
 *   rows       of rules in their order: u32 position in the block, u32 rule, u32 site from the block's first, u32 bit of its file test, u64
 *              place of the pairs of the file that it names (see identities.ts; NO_FILE: none), then a u64 for each number that must be equal, and two for each range: its lowest and highest number
 *
 * The first bytes are zeros: the state from which nothing leads to a rule, and the list without any.
 */
import type { SparseAutomaton } from "../dfa/sparse.ts";
import { ListWriter, type RowWords } from "./group-lists.ts";

export const StateOffset = { cells: 0, otherwise: 4, list: 8 } as const;
export const STATE_SIZE = 16;
export const CELL_SIZE = 8;
export const RowOffset = { position: 0, rule: 4, site: 8, bit: 12, file: 16, words: 24 } as const;
/** Behind all pairs. */
export const NO_FILE = 0xffff_ffff;

/** With fewer rules of a shape, comparing is as cheap. */
export const GROUPS_FROM = 16;

export function rowSize(words: number): number {
  return RowOffset.words + words * 8;
}

/** What does not fit in one table is code again. */
const LARGEST_TABLE = 32 << 20;

export interface TableRow {
  readonly position: number;
  readonly rule: number;
  readonly site: number;
  /** Of its test of a file among those of the text (see other-names.ts). */
  readonly bit: number;
  readonly file: number;
  readonly words: readonly bigint[];
}

export class GroupTable {
  readonly #parts: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  readonly #places = new Map<string, { readonly at: number; readonly start: number }>();
  readonly #automata: { readonly key: readonly object[]; readonly start: number | undefined }[] =
    [];
  #size = STATE_SIZE;

  /** Bytes of everything placed so far; 0 if nothing was. */
  get size(): number {
    return this.#parts.length === 0 ? 0 : this.#size;
  }

  /** Places rows once; gives the place of the first. */
  placeRows(rows: readonly TableRow[]): number {
    const words = rows[0]?.words.length ?? 0;
    const bytes = Buffer.alloc(rows.length * rowSize(words));
    for (const [i, row] of rows.entries()) {
      const at = i * rowSize(words);
      bytes.writeUInt32LE(row.position, at + RowOffset.position);
      bytes.writeUInt32LE(row.rule, at + RowOffset.rule);
      bytes.writeUInt32LE(row.site, at + RowOffset.site);
      bytes.writeUInt32LE(row.bit, at + RowOffset.bit);
      bytes.writeUInt32LE(row.file, at + RowOffset.file);
      for (const [j, word] of row.words.entries())
        bytes.writeBigUInt64LE(BigInt.asUintN(64, word), at + RowOffset.words + j * 8);
    }
    return this.#place(`rows ${bytes.toString("latin1")}`, () => ({ bytes, start: 0 })).at;
  }

  /** Places the list of these rows, by what they compare. */
  placeList(words: RowWords, rows: readonly number[]): number {
    const make = (at: number) => {
      const lists = new ListWriter(at, words);
      return { start: lists.add(rows), bytes: lists.bytes() };
    };
    const key = rows.map((row) => `${row}:${words[row]?.join()}`).join(" ");
    return this.#place(`list ${key}`, make).start;
  }

  /**
   * What has the same objects as key is stored once: they say which patterns and rows it has. Gives the place of the state that it starts in;
   * undefined: it is too large.
   */
  placeAutomaton(
    key: readonly object[],
    words: RowWords,
    build: () => SparseAutomaton | undefined,
  ): number | undefined {
    const known = this.#automata.find((one) => isSame(one.key, key));
    if (known !== undefined) return known.start;
    const automaton = build();
    const fits = automaton !== undefined && sizeOf(automaton) + this.#size <= LARGEST_TABLE;
    const start = fits
      ? this.#append((at) => packAutomaton(automaton, words, at)).start
      : undefined;
    this.#automata.push({ key, start });
    return start;
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#size);
    for (const part of this.#parts) bytes.set(part.bytes, part.at);
    return bytes;
  }

  #place(
    key: string,
    make: (at: number) => { readonly bytes: Uint8Array; readonly start: number },
  ): { readonly at: number; readonly start: number } {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#append(make);
      this.#places.set(key, place);
    }
    return place;
  }

  #append(make: (at: number) => { readonly bytes: Uint8Array; readonly start: number }): {
    readonly at: number;
    readonly start: number;
  } {
    const at = this.#size;
    const { bytes, start } = make(at);
    this.#size = Math.ceil((at + bytes.length) / 8) * 8;
    this.#parts.push({ at, bytes });
    return { at, start };
  }
}

function isSame(a: readonly object[], b: readonly object[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

/** Bytes, or a little more. */
function sizeOf({ count, moves, lists }: SparseAutomaton): number {
  const listed = lists.reduce((sum, list) => sum + list.length + 1, 0);
  return count * STATE_SIZE + (moves.length / 2 + 2 * MARGIN) * CELL_SIZE + listed * 12;
}

function packAutomaton(
  automaton: SparseAutomaton,
  words: RowWords,
  at: number,
): { readonly bytes: Uint8Array; readonly start: number } {
  const { count, moves, firstMove, otherwise, list, start, lists } = automaton;
  const { bases, end } = placeCells(automaton);
  // any byte is looked up from any base: there are cells before the first and behind the last
  const cellsAt = at + count * STATE_SIZE + MARGIN * CELL_SIZE;
  const listsAt = cellsAt + (end + MARGIN) * CELL_SIZE;
  const writer = new ListWriter(listsAt, words);
  const listPlaces = lists.map((one) => (one.length === 0 ? 0 : writer.add(one)));
  const listBytes = writer.bytes();
  const bytes = new Uint8Array(listsAt - at + listBytes.length);
  bytes.set(listBytes, listsAt - at);
  const front = new Uint32Array(bytes.buffer, 0, (listsAt - at) / 4);
  const put = (place: number, value: number): void => {
    front[(place - at) / 4] = value;
  };
  // nothing leads away from the first state, which all tables share
  const placeOf = (state: number): number => (state === 0 ? 0 : at + state * STATE_SIZE);
  for (let state = 1; state < count; state++) {
    const place = placeOf(state);
    const from = firstMove[state] as number;
    const to = firstMove[state + 1] as number;
    const isLast = from === to && otherwise[state] === state;
    const cells = cellsAt + (bases[state] ?? 0) * CELL_SIZE;
    put(place + StateOffset.cells, isLast ? 0 : cells);
    put(place + StateOffset.otherwise, placeOf(otherwise[state] as number));
    put(place + StateOffset.list, listPlaces[list[state] as number] ?? 0);
    for (let i = from; i < to; i += 2) {
      const cell = cells + (moves[i] as number) * CELL_SIZE;
      put(cell, place);
      put(cell + 4, placeOf(moves[i + 1] as number));
    }
  }
  return { bytes, start: placeOf(start) };
}

/** Cells that no state has. */
const MARGIN = 256;
/** How often a state with several bytes is moved along before it gets room of its own. */
const MOST_TRIES = 256;

/** Lays the cells of all states into each other's gaps. Bases count from cell 0, and can lie up to 255 before it. */
function placeCells({ count, moves, firstMove }: SparseAutomaton): {
  readonly bases: Int32Array;
  /** Behind the last cell. */
  readonly end: number;
} {
  const bases = new Int32Array(count);
  const used = new CellSet();
  let free = 0;
  let from = 0;
  let end = 0;
  const several: number[] = [];
  const single: number[] = [];
  const width = (state: number): number =>
    (firstMove[state + 1] as number) - (firstMove[state] as number);
  for (let state = 0; state < count; state++)
    if (width(state) > 0) (width(state) === 2 ? single : several).push(state);
  several.sort((a, b) => width(b) - width(a));
  for (const state of several) {
    while (used.has(free)) free++;
    const bytes: number[] = [];
    for (let i = firstMove[state] as number; i < (firstMove[state + 1] as number); i += 2)
      bytes.push(moves[i] as number);
    const least = Math.min(...bytes);
    // what was too full for others before is so for this one
    let base = Math.max(free, from) - least;
    const isTaken = (byte: number): boolean => used.has(base + byte);
    for (let tries = 0; bytes.some(isTaken); base++) {
      if (tries++ !== MOST_TRIES) continue;
      from = base + least;
      base = Math.max(base, end - least);
    }
    for (const byte of bytes) used.add(base + byte);
    bases[state] = base;
    end = Math.max(end, base + Math.max(...bytes) + 1);
  }
  // they fill the gaps
  for (const state of single) {
    while (used.has(free)) free++;
    bases[state] = free - (moves[firstMove[state] as number] as number);
    end = Math.max(end, ++free);
  }
  return { bases, end };
}

/** A bit for each cell. */
class CellSet {
  #bits = new Uint32Array(1024);

  has(cell: number): boolean {
    return (((this.#bits[cell >>> 5] ?? 0) >>> (cell & 31)) & 1) === 1;
  }

  add(cell: number): void {
    const at = cell >>> 5;
    if (at >= this.#bits.length) {
      const more = new Uint32Array(2 * at);
      more.set(this.#bits);
      this.#bits = more;
    }
    this.#bits[at] = (this.#bits[at] as number) | (1 << (cell & 31));
  }
}
