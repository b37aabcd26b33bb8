/** What rules have counted, as lines of a command. */
import { timestampText } from "../base/timestamp.ts";
import { formatCounts, formatCountsJson, type TextBuffer } from "../events/index.ts";
import type { CountTable } from "../language/index.ts";

/** At the end of a command, behind its other lines. `width`: columns of the terminal that they go to. */
export function writeCounts(
  tables: readonly CountTable[],
  isJson: boolean,
  text: TextBuffer,
  width?: number,
): void {
  const ts = timestampText();
  for (const table of tables)
    for (const line of isJson ? [formatCountsJson(table, ts)] : formatCounts(table, width))
      text.string(`${line}\n`);
}
