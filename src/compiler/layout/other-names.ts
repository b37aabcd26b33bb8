/**
 * What tests of files mean besides their constants: links on the way to a literal path may lead elsewhere at any time, so user space
 * exchanges it while programs run. For each text of a call there is one automaton that says which tests it meets by other
 * names. The map `sct_names`, one entry:
 *
 *   | zeros: no test holds | u64 for each set of tests: its descriptor, 0: they mean nothing else | half | half |
 *
 * A half has for each set a descriptor (u64: class table, row of the start, row that nothing follows), 256 bytes of classes, and rows: a u32
 * with where the bits of the tests are that hold for a text which ends there, then the next row for each class, from 1. All places count
 * from the beginning of the map. New ones are written into the half that is not in use, then the words in front.
 */
import { type FileTest, isNegative, type OtherTest } from "../../language/index.ts";
import { buildClassifier, type Classifier } from "../dfa/classifier.ts";
import { patternOf } from "./patterns.ts";

export const DescriptorOffset = { classes: 0, start: 8, dead: 16 } as const;
const DESCRIPTOR_SIZE = 24;
const CLASSES_SIZE = 256;
const LEAST_HALF = 32 * 1024;
/** What a name takes, roughly: 20 states of 15 classes. */
const BYTES_PER_TEST = 1536;
const LARGEST_HALF = 8 << 20;
const MOST_STATES = 65_536;

/** Tests of one text, in the order of their bits. */
export type TestSet = readonly FileTest[];

export class OtherNames {
  readonly #indexes = new Map<string, number>();
  readonly #sets: TestSet[] = [];

  /** Index of a set; the same for sets that say the same. */
  place(tests: TestSet): number {
    const key = tests.map(keyOf).join(" ");
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.#indexes.set(key, this.#sets.length);
    return this.#sets.push(tests.map(withoutPlace)) - 1;
  }

  get sets(): readonly TestSet[] {
    return this.#sets;
  }
}

const NOWHERE = { file: { name: "", text: "" }, start: 0, end: 0 };

/** Without where it stands, which leads to the text of the whole file. */
function withoutPlace(test: FileTest): FileTest {
  return { ...test, subject: { ...test.subject, span: NOWHERE }, span: NOWHERE };
}

/** The same for tests that say the same, or the opposite. */
export function keyOf(test: FileTest): string {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  if (test.kind === "stringIn") return `in:${test.values.map(hex).join()}`;
  return `${isNegative(test) ? test.op.replace("!", "=") : test.op}:${hex(test.pattern)}`;
}

export interface NamesLayout {
  /** Of the bits of the largest set, a multiple of 8. */
  readonly bitsSize: number;
  readonly halfSize: number;
  /** A power of two: any place is taken modulo this, and there are as many bytes more as bits need. */
  readonly span: number;
  readonly size: number;
}

export function namesLayout(sets: readonly TestSet[]): NamesLayout {
  const bitsSize = Math.max(0, ...sets.map(bitsSizeOf));
  const wanted = sets.reduce(
    (sum, set) => sum + set.length * (BYTES_PER_TEST + bitsSizeOf(set)),
    LEAST_HALF,
  );
  const halfSize = Math.min(Math.ceil(wanted / 8) * 8, LARGEST_HALF);
  const span = 2 ** Math.ceil(Math.log2(bitsSize + sets.length * 8 + 2 * halfSize));
  return { bitsSize, halfSize, span, size: span + Math.max(bitsSize, DESCRIPTOR_SIZE) };
}

function bitsSizeOf(set: TestSet): number {
  return Math.ceil(set.length / 64) * 8;
}

/** Where the word of a set is. */
export function wordOffset({ bitsSize }: NamesLayout, set: number): number {
  return bitsSize + set * 8;
}

export interface NamesContent {
  /** From the beginning of the half. */
  readonly half: Uint8Array;
  /** One for each set. */
  readonly words: readonly bigint[];
  /** How many tests have found no room; they mean their constants alone. */
  readonly left: number;
}

/** Content of a half, by what each test of each set means besides. */
export function namesContent(
  sets: readonly TestSet[],
  othersOf: (test: FileTest) => readonly OtherTest[],
  half: 0 | 1,
): NamesContent {
  const layout = namesLayout(sets);
  const start = halfOffset(layout, sets, half);
  const writer = new HalfWriter(start, layout.halfSize);
  let left = 0;
  const words = sets.map((set) => {
    const others = set.map(othersOf);
    const named = others.filter((tests) => tests.length > 0).length;
    if (named === 0) return 0n;
    const place = writer.add(others, bitsSizeOf(set));
    if (place === undefined) left += named;
    return BigInt(place ?? 0);
  });
  return { half: writer.bytes, words, left };
}

export function halfOffset(layout: NamesLayout, sets: readonly TestSet[], half: 0 | 1): number {
  return layout.bitsSize + sets.length * 8 + half * layout.halfSize;
}

class HalfWriter {
  readonly #buffer: Buffer;
  readonly #start: number;
  #used = 0;

  constructor(start: number, size: number) {
    this.#buffer = Buffer.alloc(size);
    this.#start = start;
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#used);
  }

  /** Place of the descriptor; undefined if there is no room. */
  add(others: readonly (readonly OtherTest[])[], bitsSize: number): number | undefined {
    const patterns = others.flatMap((tests, i) =>
      tests.map(({ op, pattern }) => ({ test: i, pattern: patternOf(op, pattern) })),
    );
    const classifier = buildClassifier(
      patterns.map(({ pattern }) => pattern),
      MOST_STATES,
    );
    // the first cell of a row is no class
    if (classifier === undefined || classifier.classCount >= 256) return undefined;
    const bits = new Map<string, number>();
    const sets = classifier.holds.map((holds) => {
      const tests = [...new Set(holds.map((i) => patterns[i]?.test ?? 0))];
      const key = tests.join();
      if (tests.length > 0 && !bits.has(key)) bits.set(key, bits.size);
      return { key, tests };
    });
    const rowSize = 4 * (classifier.classCount + 1);
    const rows = DESCRIPTOR_SIZE + CLASSES_SIZE;
    const bitsAt = rows + Math.ceil((classifier.next.length * rowSize) / 8) * 8;
    const size = bitsAt + bits.size * bitsSize;
    if (this.#used + size > this.#buffer.length) return undefined;
    const at = this.#used;
    this.#used += size;
    const place = this.#start + at;
    const rowOf = (state: number): number => place + rows + state * rowSize;
    this.#writeTables(at, classifier, rowOf, rowSize);
    for (const [state, { key, tests }] of sets.entries()) {
      const index = bits.get(key);
      if (index === undefined) continue;
      const own = bitsAt + index * bitsSize;
      this.#buffer.writeUInt32LE(place + own, at + rows + state * rowSize);
      for (const test of tests) {
        const byte = at + own + (test >> 3);
        this.#buffer[byte] = (this.#buffer[byte] ?? 0) | (1 << (test & 7));
      }
    }
    return place;
  }

  #writeTables(
    at: number,
    { classOf, next, start }: Classifier,
    rowOf: (state: number) => number,
    rowSize: number,
  ): void {
    const place = this.#start + at;
    const word = (offset: number, value: number): void => {
      this.#buffer.writeBigUInt64LE(BigInt(value), at + offset);
    };
    word(DescriptorOffset.classes, place + DESCRIPTOR_SIZE);
    word(DescriptorOffset.start, rowOf(start));
    word(DescriptorOffset.dead, rowOf(0));
    this.#buffer.set(
      classOf.map((one) => one + 1),
      at + DESCRIPTOR_SIZE,
    );
    const rows = at + DESCRIPTOR_SIZE + CLASSES_SIZE;
    for (const [state, row] of next.entries())
      for (const [i, to] of row.entries())
        this.#buffer.writeUInt32LE(rowOf(to), rows + state * rowSize + 4 * (i + 1));
  }
}
