/** What rules have counted, below the tables of `sct status`. */
import { escapeControls } from "../../base/escape.ts";
import type { StatusAnswer } from "../../daemon/index.ts";
import { encodeText, quoted } from "../../events/index.ts";

type Counts = StatusAnswer["counts"];
type Part = Counts[number]["rows"][number]["key"][number];

/** A block for each rule that counts; histograms are in JSON only. */
export function countBlocks(counts: Counts): readonly string[] {
  return counts.map((one) => {
    const { rule, by, sum, hist, rows, more, other } = one;
    if (rows.length === 0 && other === 0)
      return `COUNTED by ${escapeControls(rule)}: no call yet\n`;
    const lines = [
      [...by, "CALLS", ...sum.map((title) => `SUM ${title}`)].map(escapeControls),
      ...rows.map((row) => [
        ...row.key.map(partText),
        String(row.count),
        ...(row.sum ?? []).map(String),
      ]),
    ];
    const widths = lines[0]?.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
    const table = lines.map((line) =>
      line
        .map((cell, i) =>
          i < by.length ? cell.padEnd(widths?.[i] ?? 0) : cell.padStart(widths?.[i] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    );
    return [
      `COUNTED by ${escapeControls(rule)}`,
      ...table,
      ...(more.keys > 0 ? [`and ${more.keys} more keys with ${more.count} calls`] : []),
      ...(other === 0 ? [] : [`${other} calls had no room for their keys`]),
      ...(hist.length > 0 ? [`histograms of ${hist.map(escapeControls).join(", ")}: --json`] : []),
      "",
    ].join("\n");
  });
}

/** Texts that are numbers have quotes, numbers have none. */
function partText(part: Part): string {
  if (part === null) return "(none)";
  if (part === false) return "(unreadable)";
  return typeof part === "number" ? String(part) : quoted(encodeText(part));
}
