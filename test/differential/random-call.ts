/** Random calls: which presentation of the call, its registers, and who makes it. */
import fc from "fast-check";
import type { Abi, Presentation } from "../../src/language/index.ts";
import { type Arena, HOLE } from "./arena.ts";
import { word } from "./generate.ts";

export type Argument =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "long"; readonly length: number }
  | { readonly kind: "hole" }
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "words"; readonly words: readonly bigint[]; readonly size: 4 | 8 };

export interface RandomCall {
  /** Picks one of the presentations of the rule's call. */
  readonly pick: number;
  readonly args: readonly Argument[];
  readonly numbers: Readonly<Record<NumberField, number>>;
  readonly comm: string;
  readonly pcomm: string;
  readonly retval: bigint;
  readonly duration: bigint;
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

const argument: fc.Arbitrary<Argument> = fc.oneof(
  { weight: 5, arbitrary: word.map((text) => ({ kind: "text", text }) as const) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(4095, 4096, 4097, 6000)
      .map((length) => ({ kind: "long", length }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "hole" } as const) },
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
});

/** Programs are mapped from here on (the default of the linker). */
const LOWEST_MAPPED = 0x40_0000n;

/** Puts what arguments point to into the arena; the register values come back. */
export function layOutArguments(
  call: RandomCall,
  abi: Abi,
  arena: Arena,
  p: Presentation,
): bigint[] {
  arena.clear();
  const guard = p.guards.find((g) => g.source.kind === "arg");
  return call.args.map((argument, i) => {
    let value: bigint;
    switch (argument.kind) {
      case "text":
        value = BigInt(arena.place(Buffer.from(`${argument.text}\0`)));
        break;
      case "long":
        value = BigInt(arena.place(Buffer.from(`${"l".repeat(argument.length)}\0`)));
        break;
      case "hole":
        value = BigInt(HOLE);
        break;
      case "number":
        value = argument.value;
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
}
