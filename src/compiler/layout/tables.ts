/**
 * Automata as one read-only array: for each a class byte per byte value, then a row of u32 per state, whose
 * cells hold the byte offset of the next state's row.
 */
import { type Dfa, DfaTooLargeError, SURE_STATE } from "../dfa/dfa.ts";

/** Where an automaton lies in the table; all numbers are byte offsets. */
export interface PlacedDfa {
  readonly classes: number;
  readonly start: number;
  /** Row of the state that accepts whatever follows; rows up to here end the run. */
  readonly sure: number;
  /** Rows from here on accept. */
  readonly accepting: number;
}

export class DfaTable {
  readonly #dfas: { dfa: Dfa; placed: PlacedDfa }[] = [];
  readonly #byPattern = new Map<string, PlacedDfa>();
  readonly #tooLarge = new Set<string>();
  #size = 0;

  /** Size in bytes of everything placed so far; 0 if nothing was. */
  get size(): number {
    return this.#size;
  }

  /** `key` identifies the pattern: the same pattern is stored once. */
  place(key: string, build: () => Dfa): PlacedDfa {
    const known = this.#byPattern.get(key);
    if (known !== undefined) return known;
    const dfa = build();
    const rowSize = dfa.classCount * 4;
    const classes = this.#size;
    const rows = classes + 256;
    const placed: PlacedDfa = {
      classes,
      start: rows + dfa.start * rowSize,
      sure: rows + SURE_STATE * rowSize,
      accepting: rows + dfa.firstAccepting * rowSize,
    };
    this.#size = (rows + dfa.stateCount * rowSize + 7) & ~7;
    this.#dfas.push({ dfa, placed });
    this.#byPattern.set(key, placed);
    return placed;
  }

  /** The same for what may be too large: undefined then. */
  placeIfSmall(key: string, build: () => Dfa): PlacedDfa | undefined {
    if (this.#tooLarge.has(key)) return undefined;
    try {
      return this.place(key, build);
    } catch (error) {
      if (!(error instanceof DfaTooLargeError)) throw error;
      this.#tooLarge.add(key);
      return undefined;
    }
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#size);
    const view = new DataView(bytes.buffer);
    for (const { dfa, placed } of this.#dfas) {
      const rows = placed.classes + 256;
      const rowSize = dfa.classCount * 4;
      // classes are stored as they are; the program scales them
      bytes.set(dfa.classOf, placed.classes);
      dfa.next.forEach((to, cell) => {
        view.setUint32(rows + cell * 4, rows + to * rowSize, true);
      });
    }
    return bytes;
  }
}
