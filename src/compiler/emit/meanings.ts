/**
 * Which tests of a file its text meets by other names: found once for each text, before rules are evaluated, so that each test costs one
 * branch more (see ../layout/other-names.ts).
 */
import { onceForEach } from "../../base/once-for-each.ts";
import { type Assembler, R1, R2, R3, R10 } from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import { type FileTest, factsOf, fileNumber, MAX_STRING } from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { MapName } from "../layout/map-names.ts";
import {
  DescriptorOffset,
  keyOf,
  namesLayout,
  type TestSet,
  wordOffset,
} from "../layout/other-names.ts";
import type { Block, TextSource } from "../plan/block.ts";
import { descriptorSource } from "../plan/descriptors.ts";
import { oneOfEach } from "../plan/kinds.ts";
import { sourceKey } from "../plan/texts.ts";
import { LIVE_SLOTS, loopOverLive } from "./automaton-run.ts";
import type { Aside, Context, Meaning } from "./context.ts";
import { entryPlace } from "./place.ts";

/** The file tests of a block, each once, by the text that they look at. */
export const testSetsOf = onceForEach((block: Block): ReadonlyMap<number, TestSet> => {
  const found = new Map<number, Map<string, FileTest>>();
  for (const { candidates } of [...block.before, ...block.after].filter(testsFiles(block)))
    for (const { target, presentation } of candidates) {
      for (const test of factsOf(target.filter).fileTests) {
        const k = textIndex(block, presentation, test);
        if (k < 0) continue;
        const tests = found.get(k) ?? new Map<string, FileTest>();
        found.set(k, tests);
        const key = keyOf(test);
        if (!tests.has(key)) tests.set(key, test);
      }
    }
  return new Map([...found].map(([k, tests]) => [k, [...tests.values()]]));
});

/** Rules of one kind have tests of their own; whether they have any, one of them says. */
function testsFiles(block: Block): () => boolean {
  const kinds = [...oneOfEach(block.before), ...oneOfEach(block.after)];
  const has = kinds.some(({ candidates }) =>
    candidates.some(({ target }) => factsOf(target.filter).fileTests.length > 0),
  );
  return () => has;
}

/** Bits of the tests of the text with that index, by what they say. */
export const bitsOf = onceForEach(
  (tests: TestSet): ReadonlyMap<string, number> =>
    new Map(tests.map((test, bit) => [keyOf(test), bit])),
);

function textIndex(block: Block, p: Presentation, { subject }: FileTest): number {
  const own = sourceOf(p, subject);
  const key = own && sourceKey(own);
  return block.strings.findIndex(({ source }) => sourceKey(source) === key);
}

function sourceOf(p: Presentation, subject: FileTest["subject"]): TextSource | undefined {
  if (subject.kind === "pathOf") {
    const nth = fileNumber(p, subject.index);
    return nth === undefined ? undefined : { kind: "path", nth };
  }
  if (subject.kind === "fdText") return descriptorSource(p, subject.index, subject.member);
  return { kind: subject.kind === "stringVariable" && subject.name === "EXE" ? "exe" : "cwd" };
}

/** Behind the reading of all texts: finds the bits of each. Clobbers r0 … r5. */
export function emitMeanings(c: Context): void {
  for (const meaning of c.meanings) emitMeaning(c, meaning);
}

function emitMeaning(c: Context, { k, set, slot }: Meaning): void {
  const { a } = c;
  const layout = namesLayout(c.otherNames.sets);
  const done = a.newLabel("meant");
  a.store("u64", R10, slot, 0);
  a.loadMapValue(R1, MapName.names, wordOffset(layout, set)).load("u64", R3, R1, 0);
  a.jump("eq", R3, 0, done);
  const at = entryPlace(c, k);
  a.load("u16", R1, at.base, at.offset + 2).jump("ne", R1, TailStatus.ok, done);
  a.load("u32", R1, at.base, at.offset + 4).jump("gt", R1, MAX_STRING, done);
  intoNames(c, R3, layout.span);
  c.stack.with(LIVE_SLOTS, (state) => {
    a.store("u64", R10, state + 8, R1);
    for (const [to, from] of [
      [16, DescriptorOffset.start],
      [24, DescriptorOffset.classes],
      [32, DescriptorOffset.dead],
    ] as const)
      a.load("u64", R1, R2, from).store("u64", R10, state + to, R1);
    a.mov(R1, at.base)
      .add(R1, at.offset + TAIL_ENTRY_HEADER_SIZE)
      .store("u64", R10, state, R1);
    loopOverLive(a, state);
    a.load("u64", R3, R10, state + 16);
  });
  intoNames(c, R3, layout.span);
  a.load("u32", R1, R2, 0).store("u64", R10, slot, R1).label(done);
}

/** r2 = the place in the map of names. */
function intoNames({ a }: { a: Assembler }, place: typeof R1 | typeof R3, span: number): void {
  a.and(place, span - 1)
    .loadMapValue(R2, MapName.names)
    .add(R2, place);
}

/** Asks for the bit of a test, where its text says nothing. */
export function isMeant(
  c: Context,
  k: number,
  test: FileTest,
  to: { readonly same: string; readonly different: string },
): Aside | undefined {
  const { a } = c;
  const meaning = c.meanings.find((one) => one.k === k);
  if (meaning === undefined) return undefined;
  const key = keyOf(test);
  const bit = bitsOf(meaning.tests).get(key) ?? 0;
  const label = a.newLabel("compare_other_names");
  const emit = (): void => {
    a.label(label).load("u64", R1, R10, meaning.slot);
    intoNames(c, R1, namesLayout(c.otherNames.sets).span);
    a.load("u8", R1, R2, bit >> 3);
    a.jump("set", R1, 1 << (bit & 7), to.same).goto(to.different);
  };
  return { label, emit };
}
