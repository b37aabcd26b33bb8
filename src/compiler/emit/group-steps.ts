/**
 * What goes over the tables of rules that differ in constants alone (see layout/groups.ts): a callback that follows the automaton
 * by one byte, and one that looks at one row of a list. Since Linux 5.17.
 */
import { type Assembler, R0, R1, R2, R3, R4, R5, R6, R7, R8, R10 } from "../../bpf/asm/index.ts";
import { MAX_STRING } from "../../language/checked/index.ts";
import { RARE_COUNTERS_SIZE, RareCounterOffset } from "../layout/counters.ts";
import { CELL_SIZE, RowOffset, rowSize, STATE_SIZE, StateOffset } from "../layout/groups.ts";
import { IDENTITIES_OF_PATH, IDENTITY_SIZE, PATH_SIZE } from "../layout/identities.ts";
import { MapName } from "../layout/map-names.ts";
import { MOST_RANGES, MOST_WORDS } from "../plan/alike.ts";

/** Slots of the search for a state. */
export const WalkSlot = { text: 0, length: 8, state: 16, count: 3 } as const;

/** Slots of the search for a rule. */
export const ScanSlot = {
  /** Place of the list, and of the row before its first. */
  list: 0,
  rows: 8,
  /** Rules before this position are not meant. */
  from: 16,
  /** Position of the rule that was found; others that follow it are not meant. */
  best: 24,
  /** Place of its row; 0: none. */
  row: 32,
  /** Number of the group that is looked at, and of that with the rule: twice the number, and 1 if nobody knows whether it matches. */
  group: 40,
  bestGroup: 48,
  /** Not 0: rules of which nobody knows that are counted, and do not match. */
  skips: 56,
  /** Place of the bits of the tests that the text meets by other names; then the address of the numbers of the file. */
  bits: 64,
  /** What must be equal, then what must lie in ranges. */
  words: 72,
} as const;

const WALK_STEP = "group_walk_step";
/** Longer than any list. */
const MOST_LISTED = 1 << 22;
export const NO_POSITION = 0xffffffff;

/** Follows the text in the slots; the state is in its slot then. Clobbers r0 … r5. */
export function walkText(a: Assembler, slots: number): void {
  a.load("u64", R1, R10, slots + WalkSlot.length)
    .loadFunction(R2, WALK_STEP)
    .mov(R3, R10)
    .add(R3, slots)
    .mov(R4, 0)
    .call("bpf_loop");
}

/** Looks for the first row that matches; slots `row`, `best` and `bestGroup` say which. Clobbers r0 … r5. */
export function scanRows(a: Assembler, slots: number, shape: RowShape): void {
  a.mov(R1, MOST_LISTED)
    .loadFunction(R2, scanName(shape))
    .mov(R3, R10)
    .add(R3, slots)
    .mov(R4, 0)
    .call("bpf_loop");
}

/** What callbacks differ in. */
interface RowShape {
  readonly words: number;
  readonly ranges: number;
  /** Only rows whose test of a file the text meets by another name, or that name the file by its numbers. Default: all. */
  readonly by?: "other name" | "file";
}

const SUFFIX = { "other name": "_meant", file: "_file" } as const;

function scanName({ words, ranges, by }: RowShape): string {
  const size = ranges === 0 ? `${words}` : `${words}_${ranges}`;
  return `group_scan${size}${by === undefined ? "" : SUFFIX[by]}_step`;
}

interface TableBounds {
  /** Bytes of the tables. */
  readonly size: number;
  /** Bytes of the map of names; 0: there is none. */
  readonly span: number;
  /** Bytes of the pairs of all files; 0: there are none. */
  readonly pairs: number;
  readonly ruleCount: number;
}

/** They go away again where nothing uses them. */
export function emitGroupSteps(a: Assembler, bounds: TableBounds): void {
  const { size, span, pairs } = bounds;
  if (size === 0) return;
  const kinds: RowShape["by"][] = [undefined];
  if (span > 0) kinds.push("other name");
  if (pairs > 0) kinds.push("file");
  emitWalkStep(a, size);
  for (let words = 0; words <= MOST_WORDS; words++)
    for (let ranges = 0; ranges <= MOST_RANGES; ranges++)
      for (const by of kinds)
        emitScanStep(a, bounds, { words, ranges, ...(by === undefined ? {} : { by }) });
}

/** r0 = place in the tables + what is there; goes to `out` for a place that is none. `place` is kept. Clobbers r0. */
function intoTables(
  a: Assembler,
  size: number,
  place: typeof R3 | typeof R5,
  bytes: number,
  out: string,
): void {
  a.jump("gt", place, size - bytes, out)
    .loadMapValue(R0, MapName.groups)
    .add(R0, place);
}

function emitWalkStep(a: Assembler, size: number): void {
  const stop = `${WALK_STEP}_stop`;
  a.function(WALK_STEP);
  a.load("u64", R3, R2, WalkSlot.length).jump("ge", R1, R3, stop).jump("ge", R1, MAX_STRING, stop);
  a.load("u64", R4, R2, WalkSlot.text).add(R4, R1).load("u8", R4, R4, 0).jump("eq", R4, 0, stop);
  a.load("u64", R3, R2, WalkSlot.state);
  intoTables(a, size, R3, STATE_SIZE, stop);
  a.load("u32", R5, R0, StateOffset.cells).load("u32", R1, R0, StateOffset.otherwise);
  a.comment("nothing leaves it").jump("eq", R5, 0, stop);
  a.lsh(R4, 3).add(R5, R4);
  intoTables(a, size, R5, CELL_SIZE, stop);
  const other = `${WALK_STEP}_other`;
  a.load("u32", R4, R0, 0).jump("ne", R4, R3, other).load("u32", R1, R0, 4);
  a.label(other).store("u64", R2, WalkSlot.state, R1).return(0);
  a.label(stop).return(1);
}

function emitScanStep(a: Assembler, bounds: TableBounds, shape: RowShape): void {
  const { size, span, pairs, ruleCount } = bounds;
  const { words, ranges } = shape;
  const name = scanName(shape);
  const bytes = rowSize(words + 2 * ranges);
  const [stop, other, found] = [`${name}_stop`, `${name}_other`, `${name}_found`] as const;
  a.function(name);
  a.lsh(R1, 2).load("u64", R3, R2, ScanSlot.list).add(R3, R1);
  intoTables(a, size, R3, 4, stop);
  a.load("u32", R3, R0, 0).jump("eq", R3, 0, stop);
  a.mul(R3, bytes).load("u64", R4, R2, ScanSlot.rows).add(R3, R4);
  intoTables(a, size, R3, bytes, stop);
  a.load("u32", R1, R0, RowOffset.position);
  a.load("u64", R4, R2, ScanSlot.best).jump("ge", R1, R4, stop);
  a.load("u64", R4, R2, ScanSlot.from).jump("lt", R1, R4, other);
  if (shape.by === "other name") emitBitTest(a, span, other);
  if (shape.by === "file") emitFileTest(a, pairs, `${name}_same`, other);
  for (let i = 0; i < words; i++) {
    a.load("u64", R4, R0, RowOffset.words + i * 8).load("u64", R5, R2, ScanSlot.words + i * 8);
    a.jump("ne", R4, R5, other);
  }
  for (let i = 0; i < ranges; i++) {
    const low = RowOffset.words + (words + 2 * i) * 8;
    a.load("u64", R5, R2, ScanSlot.words + (words + i) * 8);
    a.load("u64", R4, R0, low).jump("lt", R5, R4, other);
    a.load("u64", R4, R0, low + 8).jump("gt", R5, R4, other);
  }
  a.load("u64", R4, R2, ScanSlot.group).load("u64", R5, R2, ScanSlot.skips);
  a.jump("eq", R5, 0, found).mov(R5, R4).and(R5, 1).jump("eq", R5, 0, found);
  a.load("u32", R5, R0, RowOffset.rule).jump("ge", R5, ruleCount, other);
  a.mul(R5, RARE_COUNTERS_SIZE).loadMapValue(R3, MapName.rareCounters).add(R3, R5);
  a.mov(R5, 1).atomicAdd("u64", R3, RareCounterOffset.unreadable, R5);
  a.label(other).return(0);
  a.label(found).store("u64", R2, ScanSlot.best, R1).store("u64", R2, ScanSlot.bestGroup, R4);
  a.store("u64", R2, ScanSlot.row, R3);
  a.label(stop).return(1);
}

/** Goes to `other` unless the bit of the row at r0 is set. Clobbers r4 … r7. */
function emitBitTest(a: Assembler, span: number, other: string): void {
  a.load("u32", R6, R0, RowOffset.bit).load("u64", R4, R2, ScanSlot.bits);
  a.mov(R5, R6)
    .rsh(R5, 3)
    .add(R4, R5)
    .and(R4, span - 1)
    .loadMapValue(R7, MapName.names)
    .add(R7, R4);
  a.load("u8", R4, R7, 0).and(R6, 7).rsh(R4, R6).and(R4, 1).jump("eq", R4, 0, other);
}

/** Goes to `other` unless one of the pairs that the row at r0 names is that of the file. Clobbers r4 … r8. */
function emitFileTest(a: Assembler, pairs: number, same: string, other: string): void {
  a.load("u64", R8, R0, RowOffset.file).jump("gt", R8, pairs - PATH_SIZE, other);
  a.loadMapValue(R6, MapName.identities).add(R6, R8).load("u64", R8, R2, ScanSlot.bits);
  a.load("u64", R4, R8, 0).load("u64", R5, R8, 8);
  for (let i = 0; i < IDENTITIES_OF_PATH; i++) {
    const next = `${same}_${i}`;
    const at = i * IDENTITY_SIZE;
    a.load("u64", R7, R6, at).jump("ne", R7, R4, next);
    a.load("u64", R7, R6, at + 8)
      .jump("eq", R7, R5, same)
      .label(next);
  }
  a.goto(other).label(same);
}
