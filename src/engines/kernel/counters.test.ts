import assert from "node:assert/strict";
import { test } from "node:test";
import type { BpfMap, Program, ProgramInfo } from "../../bpf/index.ts";
import {
  CounterOffset,
  FrequencyOffset,
  KEPT_COUNTS,
  MapName,
  RARE_COUNTERS_SIZE,
  RareCounterOffset,
} from "../../compiler/index.ts";
import { readCounters } from "./counters.ts";

/** Of a value on one processor, which may be longer than what we read. */
const ROOMY = 64;

type Counted = Partial<Record<keyof typeof CounterOffset, number>>;
type Rare = Partial<Record<keyof typeof RareCounterOffset, number>>;

/** Values of each rule on each processor. */
function mapsOf(counted: readonly (readonly Counted[])[], rarely: readonly Rare[]) {
  const encoded = (size: number, offsets: Readonly<Record<string, number>>, counts: object) => {
    const view = new DataView(new ArrayBuffer(size));
    for (const [name, count] of Object.entries(counts))
      view.setBigUint64(offsets[name] ?? 0, BigInt(count), true);
    return view;
  };
  const rare = Buffer.concat(
    rarely.map((one) =>
      Buffer.from(encoded(RARE_COUNTERS_SIZE, RareCounterOffset, one).buffer as ArrayBuffer),
    ),
  );
  return new Map<string, BpfMap>([
    [
      MapName.counters,
      {
        sumsPerCpu: (count: number) => {
          const sums = new Float64Array((count * ROOMY) / 8);
          for (const [rule, cpus] of counted.entries())
            for (const cpu of cpus)
              for (const [name, offset] of Object.entries(CounterOffset)) {
                const at = (rule * ROOMY + offset) / 8;
                sums[at] = (sums[at] ?? 0) + (cpu[name as keyof Counted] ?? 0);
              }
          return sums;
        },
      } as unknown as BpfMap,
    ],
    [MapName.rareCounters, { lookup: () => rare } as unknown as BpfMap],
  ]);
}

const programOf = (recursionMisses: number, runCount: number, runTimeNs: number): Program =>
  ({ info: (): Partial<ProgramInfo> => ({ recursionMisses, runCount, runTimeNs }) }) as Program;

test("readCounters() adds up processors, and what happened to matches", () => {
  const maps = mapsOf(
    [
      [
        { delivered: 5, limited: 2, dropped: 1, unreadable: 3 },
        { delivered: 10, missed: 4 },
      ],
      [{ delivered: 1 }, {}],
    ],
    [{}, { unreadable: 7, missed: 9 }],
  );
  const { rules } = readCounters(["a", "b"], maps, [], []);
  const rest = { skipped: 0, time: { ownNs: 0, sharedNs: 0 } };
  assert.deepEqual(rules, [
    {
      ...{ rule: "a", matched: 18, delivered: 15, limited: 2, dropped: 1 },
      ...{ unreadable: 3, missed: 4, ...rest },
    },
    {
      ...{ rule: "b", matched: 1, delivered: 1, limited: 0, dropped: 0 },
      ...{ unreadable: 7, missed: 9, ...rest },
    },
  ]);
});

test("readCounters() gives rules the time of their programs, and what the kernel skipped of them", () => {
  const maps = mapsOf([[], []], [{}, {}]);
  const programs = [programOf(1, 10, 100), programOf(2, 20, 200), programOf(4, 40, 400)];
  const { rules, recursionMisses, measured } = readCounters(["a", "b"], maps, programs, [
    [0],
    [0, 1],
    [],
  ]);
  const found = rules.map(({ skipped, time }) => [skipped, time?.ownNs, time?.sharedNs]);
  assert.deepEqual(found, [
    [3, 100, 200],
    [2, 0, 200],
  ]);
  // what serves no rule is missed by none, but takes time
  assert.equal(recursionMisses, 3);
  assert.deepEqual(measured, { runs: 70, ns: 700 });
});

test("readCounters() says how many counts began again", () => {
  const of = (begun: number): number | undefined => {
    const value = Buffer.alloc(32);
    value.writeBigUInt64LE(BigInt(begun), FrequencyOffset.begun);
    const frequency = { lookup: () => value } as unknown as BpfMap;
    const maps = new Map([...mapsOf([], []), [MapName.frequency, frequency]]);
    return readCounters([], maps, [], []).forgottenCounts;
  };
  assert.deepEqual([of(0), of(KEPT_COUNTS), of(KEPT_COUNTS + 3)], [undefined, undefined, 3]);
});
