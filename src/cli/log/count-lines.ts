/** `sct log --count` and `--by`: counts as lines. */
import { setImmediate as turn } from "node:timers/promises";
import { escapeControls, toJson } from "../../base/escape.ts";
import { encodeText, quoted } from "../../events/index.ts";
import type { HistoryReader, Selection } from "../../store/index.ts";
import { type FieldValue, isStrangersText, type ValueCounts } from "../../views/index.ts";
import type { Printer } from "./printer.ts";

/** Counts until the end of the history as it is now, or until `isStopped`. */
export async function countAll(
  counts: ValueCounts,
  { reader, selection, printer }: { reader: HistoryReader; selection: Selection; printer: Printer },
  isStopped: () => boolean,
): Promise<void> {
  for (const entry of reader.entries(selection, 0)) {
    if (entry.report === undefined)
      printer.tally(entry, (record, site) => counts.add(record, site));
    else if (selection.holdsReport(entry.report, entry.firstUs)) counts.addMissing(entry.report);
    // signals come between turns
    await turn();
    if (isStopped()) return;
  }
}

/** Its lines. `columns`: longer ones are cut; undefined: none is. */
export function* linesOf(
  counts: ValueCounts,
  isJson: boolean,
  columns?: number,
): Generator<string> {
  const { by, rows } = counts;
  if (by === undefined) {
    yield isJson ? toJson({ count: counts.events }) : String(counts.events);
    return;
  }
  const width = String(rows[0]?.[1] ?? 0).length;
  for (const [value, count] of rows)
    yield isJson
      ? toJson({ [by]: value, count })
      : cut(`${String(count).padStart(width)}  ${shown(by, value)}`, columns);
  if (counts.others > 0 && !isJson) yield `${String(counts.others).padStart(width)}  (others)`;
}

function shown(by: string, value: FieldValue): string {
  if (value === null) return "(none)";
  if (typeof value === "string" && isStrangersText(by))
    return quoted(Buffer.from(encodeText(value)));
  return escapeControls(String(value));
}

function cut(line: string, columns = Number.POSITIVE_INFINITY): string {
  return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
}
