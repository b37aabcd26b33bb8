/** Reads what programs have counted. */
import type { BpfMap, Program, ProgramInfo } from "../../bpf/index.ts";
import {
  CounterOffset,
  FrequencyOffset,
  KEPT_COUNTS,
  MapName,
  RARE_COUNTERS_SIZE,
  RareCounterOffset,
} from "../../compiler/index.ts";
import type { EngineCounters, RuleCounters } from "../engine.ts";

/** Bytes of a counter. */
const WORD = 8;

/** Counters of the rules `names`, in the order in which they were compiled; `rulesOfPrograms`: whom each program serves. */
export function readCounters(
  names: readonly string[],
  maps: ReadonlyMap<string, BpfMap>,
  programs: readonly Program[],
  rulesOfPrograms: readonly (readonly number[])[],
): Omit<EngineCounters, "readerDropped"> {
  const map = maps.get(MapName.counters);
  const rareMap = maps.get(MapName.rareCounters);
  if (map === undefined || rareMap === undefined) throw new Error("maps of counters are missing");
  const infos = programs.map((program) => program.info());
  const total = (of: (info: ProgramInfo) => number): number =>
    infos.reduce((sum, info) => sum + of(info), 0);
  const rare = Buffer.from(rareMap.lookup(0) ?? []);
  const sums = map.sumsPerCpu(names.length);
  const words = sums.length / names.length;
  const known = ofPrograms(names.length, infos, rulesOfPrograms);
  const rules = names.map((rule, index): RuleCounters => {
    // maps of an earlier version have fewer counters
    const sum = (offset: number): number =>
      offset / WORD < words ? (sums[index * words + offset / WORD] ?? 0) : 0;
    const rarely = (offset: number): number =>
      Number(rare.readBigUInt64LE(index * RARE_COUNTERS_SIZE + offset));
    const delivered = sum(CounterOffset.delivered);
    const limited = sum(CounterOffset.limited);
    const dropped = sum(CounterOffset.dropped);
    return {
      rule,
      matched: delivered + limited + dropped + sum(CounterOffset.counted),
      delivered,
      limited,
      dropped,
      unreadable: sum(CounterOffset.unreadable) + rarely(RareCounterOffset.unreadable),
      missed: sum(CounterOffset.missed) + rarely(RareCounterOffset.missed),
      ...(known[index] as OfPrograms),
    };
  });
  // what serves no rule is missed by none
  const misses = infos.map(({ recursionMisses }, i) =>
    rulesOfPrograms[i]?.length === 0 ? 0 : recursionMisses,
  );
  return {
    rules,
    recursionMisses: misses.reduce((sum, one) => sum + one, 0),
    measured: { runs: total((info) => info.runCount), ns: total((info) => info.runTimeNs) },
    ...forgotten(maps.get(MapName.frequency)),
  };
}

/** The kernel does not say which counts it has dropped for others, but how many began is known. */
function forgotten(map: BpfMap | undefined): Pick<EngineCounters, "forgottenCounts"> {
  const value = map?.lookup(0);
  if (value === undefined) return {};
  const begun = Number(Buffer.from(value).readBigUInt64LE(FrequencyOffset.begun));
  return begun > KEPT_COUNTS ? { forgottenCounts: begun - KEPT_COUNTS } : {};
}

type OfPrograms = Required<Pick<RuleCounters, "skipped" | "time">>;

/** What programs know of each rule. */
function ofPrograms(
  count: number,
  infos: readonly ProgramInfo[],
  rulesOfPrograms: readonly (readonly number[])[],
): readonly OfPrograms[] {
  const found = Array.from({ length: count }, () => ({
    skipped: 0,
    time: { ownNs: 0, sharedNs: 0 },
  }));
  for (const [i, { recursionMisses, runTimeNs }] of infos.entries()) {
    const served = rulesOfPrograms[i] ?? [];
    for (const index of served) {
      const rule = found[index];
      if (rule === undefined) continue;
      rule.skipped += recursionMisses;
      if (served.length === 1) rule.time.ownNs += runTimeNs;
      else rule.time.sharedNs += runTimeNs;
    }
  }
  return found;
}
