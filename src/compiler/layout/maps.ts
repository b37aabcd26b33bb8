/** The maps that the programs of a rule set name, with their sizes. */
import type { CheckedRule } from "../../language/checked/index.ts";
import type { Block } from "../plan/block.ts";
import { AreaExhaustedError, areaSize, LARGEST_AREA } from "./area.ts";
import { CLOSED_MAPS, closesInHooks } from "./closed.ts";
import type { CompiledMap } from "./compiled-map.ts";
import { CONTROL_SIZE, TURNS_MAP } from "./control.ts";
import { COUNTERS_SIZE, RARE_COUNTERS_SIZE } from "./counters.ts";
import type { CountLayout } from "./counts.ts";
import { COUNT_SIZE, COUNTED, COUNTS_SIZE, countOffset } from "./frequencies.ts";
import type { GroupTable } from "./groups.ts";
import { type IdentityTable, identitiesLayout } from "./identities.ts";
import { LIMIT_KEY_SIZE, LIMIT_VALUE_SIZE } from "./limits.ts";
import { MapName } from "./map-names.ts";
import { namesFiles, needsArea, tailNeeds } from "./needs.ts";
import { namesLayout, type OtherNames } from "./other-names.ts";
import { SUSPENDED_MAP, suspendsAny } from "./suspended.ts";
import type { DfaTable } from "./tables.ts";

/** What programs have placed while they were made. */
interface Tables {
  readonly counts: CountLayout;
  readonly tables: DfaTable;
  readonly identities: IdentityTable;
  readonly otherNames: OtherNames;
  readonly groups: GroupTable;
}

export function mapsFor(
  blocks: readonly Block[],
  rules: readonly CheckedRule[],
  { tables, identities, otherNames, groups, counts }: Tables,
  ringBytes: number,
): CompiledMap[] {
  const maps: CompiledMap[] = [
    { name: MapName.events, type: "ringbuf", maxEntries: ringBytes },
    { name: MapName.sequence, type: "array", valueSize: 8, maxEntries: 1 },
    { name: MapName.control, type: "array", valueSize: CONTROL_SIZE, maxEntries: 1 },
    TURNS_MAP,
    {
      name: MapName.counters,
      type: "percpu_array",
      valueSize: COUNTERS_SIZE,
      maxEntries: Math.max(rules.length, 1),
    },
    {
      name: MapName.rareCounters,
      type: "array",
      valueSize: Math.max(rules.length, 1) * RARE_COUNTERS_SIZE,
      maxEntries: 1,
    },
  ];
  const areaBlocks = blocks.filter((block) => needsArea(block) || block.ringHooks.length > 0);
  const hasScratch = blocks.some(namesFiles);
  for (const block of areaBlocks) {
    const { strings, values } = tailNeeds(block);
    const rule = [...block.before, ...block.after].at(-1)?.rule;
    if (rule !== undefined && areaSize(strings, values, hasScratch, counts.room) > LARGEST_AREA)
      throw new AreaExhaustedError(block.call, rule.span);
  }
  const withArea = areaBlocks.map(tailNeeds);
  if (withArea.length > 0) {
    const strings = Math.max(...withArea.map((needs) => needs.strings));
    const values = Math.max(...withArea.map((needs) => needs.values));
    maps.push({
      name: MapName.areas,
      type: "task_storage",
      valueSize: areaSize(strings, values, hasScratch, counts.room),
    });
  }
  if (rules.some((rule) => rule.limit !== undefined)) {
    maps.push({
      name: MapName.limits,
      type: "lru_hash",
      keySize: LIMIT_KEY_SIZE,
      valueSize: LIMIT_VALUE_SIZE,
      maxEntries: 65536,
    });
  }
  maps.push(...frequencyMaps(rules));
  if (blocks.some(closesInHooks)) maps.push(...CLOSED_MAPS);
  if (suspendsAny(rules)) maps.push({ ...SUSPENDED_MAP });
  const identified = identities.paths.length;
  if (identified > 0) {
    const valueSize = identitiesLayout(identified).size;
    maps.push({ name: MapName.identities, type: "array", valueSize, maxEntries: 1 });
  }
  if (otherNames.sets.length > 0) {
    const valueSize = namesLayout(otherNames.sets).size;
    maps.push({ name: MapName.names, type: "array", valueSize, maxEntries: 1 });
  }
  maps.push(...counts.maps());
  for (const [name, table] of [
    [MapName.automata, tables],
    [MapName.groups, groups],
  ] as const) {
    if (table.size === 0) continue;
    const content = table.bytes();
    maps.push({ name, type: "array", valueSize: content.length, maxEntries: 1, content });
  }
  return maps;
}

/** Where rules count the calls that match. */
function frequencyMaps(rules: readonly CheckedRule[]): readonly CompiledMap[] {
  const all = rules.flatMap(({ frequency }) => frequency ?? []);
  if (all.length === 0) return [];
  const maps: CompiledMap[] = [
    {
      name: MapName.frequency,
      type: "array",
      valueSize: countOffset(rules.length, "occurrence"),
      maxEntries: 1,
    },
  ];
  if (all.some((frequency) => COUNTED.some((what) => frequency[what]?.per !== undefined)))
    maps.push({
      name: MapName.counts,
      type: "lru_hash",
      keySize: LIMIT_KEY_SIZE,
      valueSize: COUNT_SIZE,
      maxEntries: COUNTS_SIZE,
    });
  return maps;
}
