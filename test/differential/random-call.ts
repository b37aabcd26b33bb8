/** Random calls: which presentation of the call, its registers, and who makes it. */
import fc from "fast-check";
import type { Abi, Presentation } from "../../src/language/index.ts";
import type { ValueSource } from "../../src/language/vocabulary.ts";
import { vocabulary } from "../../src/linux/index.ts";
import { type Arena, HOLE } from "./arena.ts";
import { word } from "./generate.ts";

export type Argument =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "long"; readonly length: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Text behind which nothing can be read. */
  | { readonly kind: "last"; readonly text: string }
  /** Pointers to texts, behind them NULL. */
  | { readonly kind: "list"; readonly texts: readonly (string | undefined)[] }
  /** struct iovec for each. */
  | { readonly kind: "pieces"; readonly pieces: readonly (string | undefined)[] }
  | { readonly kind: "hole" }
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "words"; readonly words: readonly bigint[]; readonly size: 4 | 8 }
  /** As much of a struct as there is before memory ends. */
  | {
      readonly kind: "struct";
      readonly bytes: Uint8Array;
      /** Behind it nothing can be read. */
      readonly isLast: boolean;
      /** A text that words of it point to. */
      readonly text: string;
      readonly pointsAt: readonly number[];
    };

export interface RandomCall {
  /** Picks one of the presentations of the rule's call. */
  readonly pick: number;
  readonly args: readonly Argument[];
  readonly numbers: Readonly<Record<NumberField, number>>;
  readonly comm: string;
  readonly pcomm: string;
  readonly retval: bigint;
  readonly duration: bigint;
  /** Picks one of the callers. */
  readonly caller: number;
}

export const NUMBER_FIELDS = [
  "pid",
  "tid",
  "ppid",
  "uid",
  "gid",
  "suid",
  "sgid",
  "euid",
  "egid",
  "fsuid",
  "fsgid",
  "loginuid",
  "sessionid",
] as const;
export type NumberField = (typeof NUMBER_FIELDS)[number];

const smallNumber = fc.oneof(fc.nat(8), fc.constantFrom(1000, 1500, 0xffffffff, 0x80000000));
const interesting = fc.oneof(
  fc.bigInt(0n, 16n),
  fc.constantFrom(0x100n, 0x200n, 0x300n, 0x10000n, 0x11n, 0x1000n, 0xffffffffn, 0xffffff9cn),
  fc.bigInt(0n, (1n << 64n) - 1n),
);
const comm = fc.oneof(
  fc.constantFrom("rm", "a", "passwd", "", "x".repeat(15), "/etc"),
  fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 15 }),
);

/** struct sockaddr_in and sockaddr_in6 of addresses that the generated networks are about. */
const socketAddress = fc
  .tuple(
    fc.constantFrom(2, 10, 1, 0x202),
    fc.constantFrom(443, 53, 0, 0xff01),
    fc.constantFrom("0a000001", "7f000001", "c0a801ff", "00000001"),
    fc.constantFrom(
      "00000000000000000000000000000001",
      "00000000000000000000ffff0a000001",
      "00000000000000000000ffff7f000001",
      "fe800000000000000000000000000001",
      "20010db8000000008000000000000001",
      "000000000000000000000000ffffffff",
    ),
  )
  .map(([family, port, v4, v6]) => {
    const bytes = Buffer.alloc(28);
    bytes.writeUInt16LE(family, 0);
    bytes.writeUInt16BE(port, 2);
    bytes.write(v4, 4, "hex");
    bytes.write(v6, 8, "hex");
    return bytes;
  });

/** Text where members of structs have it in place: sun_path, utsname, names of bpf_attr. */
const inPlace = fc
  .tuple(fc.constantFrom(0, 2, 28, 65, 130), word, fc.boolean())
  .map(([at, text, fills]) => {
    const bytes = Buffer.alloc(400, fills ? "/tmp" : 0);
    bytes.write(text.slice(0, 64), at, "latin1");
    return bytes;
  });

const structBytes = fc.oneof(
  { weight: 3, arbitrary: socketAddress },
  { weight: 2, arbitrary: inPlace },
  {
    weight: 3,
    arbitrary: fc.array(interesting, { minLength: 1, maxLength: 18 }).map((words) => {
      const bytes = Buffer.alloc(words.length * 8);
      for (const [i, one] of words.entries()) bytes.writeBigUInt64LE(leadsNowhere(one), i * 8);
      return bytes;
    }),
  },
);

/** What this process has mapped is not the evaluator's to know. */
function leadsNowhere(value: bigint): bigint {
  return value < LOWEST_MAPPED ? value : value | (1n << 63n);
}

const structArgument: fc.Arbitrary<Argument> = fc
  .record({
    bytes: structBytes,
    cut: fc.oneof(fc.constant(0), fc.nat(30)),
    isLast: fc.boolean(),
    text: fc.oneof(
      word,
      socketAddress.map((bytes) => bytes.toString("latin1")),
    ),
    // pathname and license of bpf_attr, msg_name
    pointsAt: fc.subarray([0, 16]),
  })
  .map(({ bytes, cut, ...rest }) => ({
    kind: "struct" as const,
    bytes: bytes.subarray(0, Math.max(1, bytes.length - cut)),
    ...rest,
  }));

/** Undefined: nobody can read it. */
const piece = fc.oneof(
  { weight: 9, arbitrary: word },
  { weight: 3, arbitrary: word.map((text) => `a=${text}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(undefined, "l".repeat(4095), "l".repeat(4097), "l".repeat(3000)),
  },
);

const argument: fc.Arbitrary<Argument> = fc.oneof(
  { weight: 2, arbitrary: word.map((text) => ({ kind: "last", text: `${text}a` }) as const) },
  { weight: 6, arbitrary: structArgument },
  { weight: 5, arbitrary: word.map((text) => ({ kind: "text", text }) as const) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(4095, 4096, 4097, 6000)
      .map((length) => ({ kind: "long", length }) as const),
  },
  { weight: 5, arbitrary: fc.constant({ kind: "hole" } as const) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom(0x61, 0x62, 0, 0x2f, 0x6c), { maxLength: 24 })
      .map((bytes) => ({ kind: "bytes", bytes: Uint8Array.from(bytes) }) as const),
  },
  {
    weight: 2,
    arbitrary: fc.array(piece, { maxLength: 5 }).map((texts) => ({ kind: "list", texts }) as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(piece, { maxLength: 5 })
      .map((pieces) => ({ kind: "pieces", pieces }) as const),
  },
  { weight: 4, arbitrary: interesting.map((value) => ({ kind: "number", value }) as const) },
  {
    weight: 2,
    arbitrary: fc
      .record({
        words: fc.array(interesting, { minLength: 8, maxLength: 8 }),
        size: fc.constantFrom(4 as const, 8 as const),
      })
      .map((w) => ({ kind: "words", ...w }) as const),
  },
);

export const randomCall: fc.Arbitrary<RandomCall> = fc.record({
  pick: fc.nat(1000),
  args: fc.array(argument, { minLength: 6, maxLength: 6 }),
  numbers: fc.record(
    Object.fromEntries(NUMBER_FIELDS.map((field) => [field, smallNumber])) as Record<
      NumberField,
      fc.Arbitrary<number>
    >,
  ),
  comm,
  pcomm: comm,
  retval: fc.oneof(fc.bigInt(-40n, 40n), fc.bigInt(-(1n << 63n), (1n << 63n) - 1n)),
  duration: fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(0n, (1n << 63n) - 1n)),
  caller: fc.nat(100),
});

/** Programs are mapped from here on (the default of the linker). */
const LOWEST_MAPPED = 0x40_0000n;

function placeStruct(
  { bytes, isLast, text, pointsAt }: Extract<Argument, { kind: "struct" }>,
  arena: Arena,
): number {
  const content = Buffer.from(bytes);
  for (const at of pointsAt)
    if (at + 8 <= content.length)
      content.writeBigUInt64LE(BigInt(arena.place(Buffer.from(`${text}\0`, "latin1"))), at);
  return isLast ? arena.placeLast(content) : arena.place(content);
}

function placeText(arena: Arena, text: string | undefined): bigint {
  return text === undefined ? BigInt(HOLE) : BigInt(arena.place(Buffer.from(`${text}\0`)));
}

function wordsOf(abi: Abi, words: readonly bigint[]): Uint8Array {
  const size = abi === "i386" ? 4 : 8;
  const bytes = Buffer.alloc(words.length * size);
  words.forEach((word, i) => {
    bytes.writeUIntLE(Number(word), i * size, Math.min(size, 6));
  });
  return bytes;
}

/** Puts what arguments point to into the arena; the register values come back. */
export function layOutArguments(
  call: RandomCall,
  abi: Abi,
  arena: Arena,
  p: Presentation,
): bigint[] {
  arena.clear();
  const guard = p.guards.find((g) => g.source.kind === "arg");
  const registers = call.args.map((argument, i) => {
    let value: bigint;
    switch (argument.kind) {
      case "text":
        value = BigInt(arena.place(Buffer.from(`${argument.text}\0`)));
        break;
      case "long":
        value = BigInt(arena.place(Buffer.from(`${"l".repeat(argument.length)}\0`)));
        break;
      case "bytes":
        value = BigInt(arena.place(argument.bytes));
        break;
      case "last":
        value = BigInt(arena.placeLast(Buffer.from(argument.text)));
        break;
      case "list": {
        const pointers = argument.texts.map((text) => placeText(arena, text));
        value = BigInt(arena.place(wordsOf(abi, [...pointers, 0n])));
        break;
      }
      case "pieces": {
        const elements = argument.pieces.flatMap((text) => [
          placeText(arena, text),
          BigInt(text?.length ?? 5),
        ]);
        value = BigInt(arena.place(wordsOf(abi, elements)));
        break;
      }
      case "hole":
        value = BigInt(HOLE);
        break;
      case "number":
        value = argument.value;
        break;
      case "struct":
        value = BigInt(placeStruct(argument, arena));
        break;
      case "words": {
        const bytes = Buffer.alloc(argument.words.length * 8);
        argument.words.forEach((word, k) => {
          if (argument.size === 8) bytes.writeBigUInt64LE(word, k * 8);
          else bytes.writeUInt32LE(Number(BigInt.asUintN(32, word)), k * 4);
        });
        value = BigInt(arena.place(bytes));
        break;
      }
    }
    // half of the calls satisfy the guard of the presentation that was picked
    if (guard?.source.kind === "arg" && guard.source.index === i && call.pick % 2 === 0)
      value = (value & ~guard.mask) | guard.value;
    const register = BigInt.asUintN(abi === "i386" ? 32 : 64, value);
    // a number is no address by accident: what this process has mapped is not the evaluator's to know
    if (argument.kind !== "number" || register < LOWEST_MAPPED) return register;
    return abi === "i386"
      ? (register & 0xfff_ffffn) | BigInt(arena.nowhere)
      : register | (1n << 63n);
  });
  fixCommands(registers, call.pick, p);
  pointToLast(registers, arena, p);
  tamePointers(registers, arena, p);
  tameVectors(registers, arena, p);
  return registers;
}

/** Most calls have a command for which parameters lead to structs. */
function fixCommands(registers: bigint[], pick: number, { params }: Presentation): void {
  for (const { type } of params) {
    const [call = "", member] = type.struct?.split(".") ?? [];
    const cases = member === undefined ? [] : vocabulary.typeCases(call);
    const chosen = pick % 4 === 0 ? undefined : cases[(pick >> 2) % cases.length];
    for (const { param, values } of chosen?.when ?? []) {
      const source = params[param - 1]?.source;
      if (source?.kind !== "arg") continue;
      registers[source.index] = values[pick % values.length] ?? 0n;
    }
  }
}

/** Words of lists of strings and of vectors lead into the arena or nowhere, whatever was laid out there. */
function tameVectors(registers: readonly bigint[], arena: Arena, p: Presentation): void {
  const size = p.abi === "i386" ? 4 : 8;
  for (const { type, source } of p.params) {
    const isVector = source.kind === "memory" && source.vector !== undefined;
    const register = isVector
      ? source.pointerArg
      : type.kind === "strings" && source.kind === "arg"
        ? source.index
        : -1;
    const bytes = arena.readable(registers[register] ?? 0n, MOST_TAMED);
    const step = isVector ? 2 * size : size;
    for (let at = 0; at + size <= bytes.length; at += step) {
      const word = tameWord(bytes.subarray(at, at + size), arena);
      if (word === 0n && !isVector) break;
    }
  }
}

/** A pointer of either width; gives what it was. */
function tameWord(bytes: Uint8Array, arena: Arena): bigint {
  if (bytes.length !== 4 && bytes.length !== 8) return 0n;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isWide = bytes.length === 8;
  const word = isWide ? view.getBigUint64(0, true) : BigInt(view.getUint32(0, true));
  if (word < LOWEST_MAPPED || arena.readable(word, 1).length > 0) return word;
  if (isWide) view.setBigUint64(0, word | (1n << 63n), true);
  else view.setUint32(0, Number((word & 0xfff_ffffn) | BigInt(arena.nowhere)), true);
  return word;
}

/** Bytes of a vector with as many elements as a call takes. */
const MOST_TAMED = 1024 * 16;

/** Members that point to text lead into the arena or nowhere: what this process has mapped is not the evaluator's to know. */
function tamePointers(registers: readonly bigint[], arena: Arena, p: Presentation): void {
  for (const { type, source } of p.params) {
    if (type.struct === undefined) continue;
    const start = structAt(registers, source);
    for (const name of vocabulary.structFieldNames(type.struct)) {
      const field = vocabulary.structField(type.struct, name, p.abi);
      if (field?.behind !== undefined) {
        const at = start + BigInt(field.behind.offset);
        tameWord(arena.readable(at, field.behind.size), arena);
        continue;
      }
      // text in place has no width of a pointer
      if (field?.type.kind !== "string" && field?.type.kind !== "path") continue;
      if (field.type.size !== 8) continue;
      const at = start + BigInt(field.offset);
      const bytes = Buffer.from(arena.readable(at, 8));
      if (bytes.length < 8) continue;
      const pointer = bytes.readBigUInt64LE();
      if (pointer < LOWEST_MAPPED || arena.readable(pointer, 1).length > 0) continue;
      // not canonical
      const top = arena.readable(at + 7n, 1);
      top[0] = (top[0] ?? 0) | 0x80;
    }
  }
}

/** Where a parameter leads. What lies in memory itself leads to the last argument: pointToLast. */
function structAt(registers: readonly bigint[], source: ValueSource): bigint {
  if (source.kind === "arg") return registers[source.index] ?? 0n;
  return source.kind === "memory" ? BigInt.asUintN(32, registers.at(-1) ?? 0n) : 0n;
}

/** Addresses that lie in memory themselves (socketcall) are the last argument: no others lead somewhere. */
function pointToLast(registers: readonly bigint[], arena: Arena, { params }: Presentation): void {
  for (const { type, source } of params) {
    if (source.kind !== "memory" || source.vector !== undefined) continue;
    // a number may be an address under some command: `arg` of semctl
    if (type.kind === "int" && type.struct === undefined) continue;
    const address = (registers[source.pointerArg] ?? 0n) + BigInt(source.offset);
    const bytes = arena.readable(BigInt.asUintN(32, address), source.size);
    for (let i = 0; i < bytes.length; i++)
      bytes[i] = Number(((registers.at(-1) ?? 0n) >> BigInt(i * 8)) & 0xffn);
  }
}
