/**
 * The first probes of the filters of batches as a condition of SQL: most batches are passed over without a copy of
 * their filter being made, which is most of what a query over a long history costs.
 */
import { probesOf } from "./key-filter.ts";

/** Each lets a third of the full filters pass that do not hold the value. */
const PROBES = 3;
/** Of so many values some are in most batches. */
const MAX_VALUES = 64;

/** True for every batch whose column `keys` may hold one of each group; for others hardly ever. */
export function filterCondition(groups: readonly (readonly number[])[]): string {
  const conditions = groups
    .filter((group) => group.length <= MAX_VALUES)
    .map((group) => `(${group.map(valueCondition).join(" OR ")})`);
  return conditions.length === 0 ? "TRUE" : conditions.join(" AND ");
}

function valueCondition(hash: number): string {
  const probes = probesOf(hash, PROBES).map((probe) => {
    const bit = `${probe} % (length(keys) * 8)`;
    // a blob of one byte has its number where it stands in all of them
    return `(instr(${ALL_BYTES}, substr(keys, (${bit}) / 8 + 1, 1)) - 1) >> ((${bit}) & 7) & 1`;
  });
  return `(${probes.join(" AND ")})`;
}

const ALL_BYTES = `x'${Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i)).toString("hex")}'`;
