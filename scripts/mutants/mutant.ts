/** One wrong line: what stands in the file, once, and what takes its place. */
export interface Mutant {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A room with the tests that must notice what is wrong in it, all of them part of `npm test`. */
export interface MutatedRoom {
  readonly name: string;
  /** Patterns of test files. */
  readonly tests: readonly string[];
  readonly mutants: readonly Mutant[];
}

/** For tables of a room: [file below src, from, to]. */
export type Row = readonly [file: string, from: string, to: string];

export function mutants(rows: readonly Row[]): readonly Mutant[] {
  return rows.map(([file, from, to]) => ({ file: `src/${file}.ts`, from, to }));
}
