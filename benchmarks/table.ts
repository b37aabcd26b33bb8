/** Tables that read well on a terminal and are Markdown. */

export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) =>
    Math.max(cell.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** 95 ns, 2.31 µs, 14.0 ms */
export function formatNs(ns: number): string {
  if (ns < 1000) return `${ns.toFixed(0)} ns`;
  if (ns < 1_000_000) return `${(ns / 1000).toPrecision(3)} µs`;
  return `${(ns / 1_000_000).toPrecision(3)} ms`;
}

/** ×1.3, ×24, ×290 */
export function formatRatio(ratio: number): string {
  if (ratio < 10) return `×${ratio.toFixed(1)}`;
  return `×${Number(ratio.toPrecision(2))}`;
}

export function formatCount(count: number): string {
  return count.toLocaleString("en");
}
