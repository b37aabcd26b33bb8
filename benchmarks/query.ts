/** How long a question to a history takes. */
import { HistoryReader, Selection } from "../src/store/index.ts";
import { formatCount } from "./table.ts";

/** Opens the file, finds events of the path, newest first; the median of 5 times, and the number found. */
export function timeQuery(file: string, path: string, limit = Number.POSITIVE_INFINITY): string {
  const wanted = Buffer.from(path);
  const times: number[] = [];
  let found = 0;
  for (let round = 0; round < 5; round++) {
    const before = performance.now();
    const reader = HistoryReader.open(file);
    const selection = new Selection({ rules: [], pids: [], comms: [], paths: [path] });
    found = 0;
    for (const entry of reader.entries(selection, reader.last.id, true)) {
      const bytes = Buffer.from(reader.records(entry.id) ?? []);
      for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) found++;
      if (found >= limit) break;
    }
    reader.close();
    times.push(performance.now() - before);
  }
  const [, , median = 0] = times.toSorted((a, b) => a - b);
  return `${median.toFixed(0)} ms (${formatCount(Math.min(found, limit))} found)`;
}
