/** Reads what programs have counted. */
import type { BpfMap, Program } from "../../bpf/index.ts";
import {
  CounterOffset,
  MapName,
  RARE_COUNTERS_SIZE,
  RareCounterOffset,
} from "../../compiler/index.ts";
import type { EngineCounters, RuleCounters } from "../engine.ts";

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
  const misses = programs.map((program) => program.info().recursionMisses);
  const rare = Buffer.from(rareMap.lookup(0) ?? []);
  const rules = names.map((rule, index): RuleCounters => {
    const cpus = map.lookupPerCpu(index) ?? [];
    const sum = (offset: number): number =>
      cpus.reduce((total, value) => total + Number(value.getBigUint64(offset, true)), 0);
    const rarely = (offset: number): number =>
      Number(rare.readBigUInt64LE(index * RARE_COUNTERS_SIZE + offset));
    const delivered = sum(CounterOffset.delivered);
    const limited = sum(CounterOffset.limited);
    const dropped = sum(CounterOffset.dropped);
    return {
      rule,
      matched: sum(CounterOffset.matched) + delivered + limited + dropped,
      delivered,
      limited,
      dropped,
      unreadable: sum(CounterOffset.unreadable) + rarely(RareCounterOffset.unreadable),
      missed: rarely(RareCounterOffset.missed),
      skipped: misses.reduce(
        (sum, count, i) => sum + (rulesOfPrograms[i]?.includes(index) ? count : 0),
        0,
      ),
    };
  });
  return { rules, recursionMisses: misses.reduce((total, count) => total + count, 0) };
}
