import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallView } from "../call-view.ts";
import { testVocabulary } from "../testing/vocabulary.ts";
import type { Abi, Presentation, PresentedParam, ValueSource } from "../vocabulary.ts";
import { readParam } from "./read-param.ts";
import { readString } from "./read-value.ts";

const VECTOR = 0x1000n;
const TEXT = 0x8000n;

/** writev(fd, vec, vlen) as write(fd, buf, count). */
function writev(abi: Abi): Presentation {
  const [write] = testVocabulary.presentations("write", "exact") ?? [];
  assert.ok(write);
  const word = testVocabulary.wordSize(abi);
  const part = (offset: number, holds: "text" | "length"): ValueSource => ({
    kind: "memory",
    pointerArg: 1,
    offset,
    size: word,
    vector: { countArg: 2, holds },
  });
  const sources = [write.params[0]?.source, part(0, "text"), part(word, "length")];
  const params = write.params.map(
    (param, i): PresentedParam => ({
      ...param,
      source: sources[i] ?? param.source,
      type: { ...param.type, size: i === 0 ? 4 : word },
    }),
  );
  return { ...write, call: "writev", abi, params };
}

type Piece = string | null | readonly [base: bigint, length: bigint];

/** A call that writes these pieces: text, a null pointer without bytes, or an element as it stands. */
function callOf(pieces: readonly Piece[], abi: Abi = "x86_64", count?: bigint): CallView {
  const word = testVocabulary.wordSize(abi);
  const memory = new Map<bigint, Uint8Array>();
  const vector = Buffer.alloc(pieces.length * 2 * word);
  let at = TEXT;
  const put = (value: bigint, offset: number): void => {
    for (let i = 0; i < word; i++) vector[offset + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  };
  for (const [i, piece] of pieces.entries()) {
    const [base, length] =
      typeof piece === "string" ? [at, BigInt(piece.length)] : (piece ?? [0n, 0n]);
    if (typeof piece === "string") memory.set(at, Buffer.from(piece));
    at += 0x10000n;
    put(base, i * 2 * word);
    put(length, i * 2 * word + word);
  }
  memory.set(VECTOR, vector);
  const args = [1n, VECTOR, count ?? BigInt(pieces.length)];
  return {
    presentation: writev(abi),
    wordSize: word,
    arg: (index) => args[index] ?? 0n,
    readMemory(address, size) {
      const bytes = memory.get(address);
      return bytes !== undefined && bytes.length >= size ? bytes.subarray(0, size) : undefined;
    },
    readString: () => undefined,
    intVariable: () => undefined,
    stringVariable: () => undefined,
    path: () => undefined,
    argv: () => undefined,
    envp: () => undefined,
    descendsFrom: () => undefined,
  };
}

function textOf(call: CallView): string {
  const span = { file: { name: "t", text: "" }, start: 0, end: 0 };
  const read = readString(call, { kind: "bufferParam", index: 2, span }, testVocabulary);
  return typeof read === "string" ? read : `"${Buffer.from(read)}"`;
}

const rows: readonly (readonly [
  title: string,
  pieces: readonly Piece[],
  text: string,
  total: bigint | "unreadable",
  count?: bigint,
])[] = [
  ["one element", ["root:"], '"root:"', 5n],
  ["the second one", ["x", "root:x"], '"xroot:x"', 7n],
  ["behind an empty one", ["", "root:x"], '"root:x"', 6n],
  ["behind one that points nowhere", [null, "root:x"], '"root:x"', 6n],
  ["text over several", ["ro", "o", "t:"], '"root:"', 5n],
  ["no element", [], '""', 0n],
  [
    "as many as a text may have",
    ["a".repeat(4000), "b".repeat(96)],
    `"${"a".repeat(4000)}${"b".repeat(96)}"`,
    4096n,
  ],
  ["more than that", ["root:", "b".repeat(4092)], "unreadable", 4097n],
  ["an element that cannot be read", ["root:", [1n, 1n]], "unreadable", 6n],
  ["the kernel looks at 32 bits of the count", ["a", "b"], '"ab"', 2n, (7n << 32n) | 2n],
  ["more elements than there may be", ["a", "b"], "unreadable", "unreadable", 1025n],
  ["a vector that cannot be read", ["a", "b"], "unreadable", "unreadable", 3n],
  [
    "more bytes than one call moves",
    [
      [1n, 0x6000_0000n],
      [1n, 0x6000_0000n],
    ],
    "unreadable",
    0x7fff_f000n,
  ],
];

for (const [title, pieces, text, total, count] of rows) {
  for (const abi of ["x86_64", "i386"] as const) {
    test(`a vector of buffers, ${abi}: ${title}`, () => {
      const call = callOf(pieces, abi, count);
      assert.equal(textOf(call), text);
      assert.equal(readParam(call, 3), total);
    });
  }
}
