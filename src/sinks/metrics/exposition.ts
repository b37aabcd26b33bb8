/**
 * Prometheus' text format, version 0.0.4. Written by hand: the numbers live in the kernel, the history and the outputs
 * already, and a client library would want to own copies of them.
 */
type Labels = Readonly<Record<string, string>>;
export type MetricSample = readonly [Labels, number | undefined];

/** Lines of one piece: it is written in a millisecond or two. */
const MOST_LINES = 256;

/** One family, in pieces of whole lines, or of none; samples without a value are left out, and a family without samples too. */
export function* renderFamily(
  name: string,
  type: "counter" | "gauge",
  help: string,
  samples: Iterable<MetricSample>,
): Generator<string> {
  const fullName = `syscalltrack_${name}`;
  let head = `# HELP ${fullName} ${help}\n# TYPE ${fullName} ${type}\n`;
  let piece = "";
  let looked = 0;
  for (const [labels, value] of samples) {
    if (value !== undefined) piece += `${head}${fullName}${labelText(labels)} ${value}\n`;
    if (value !== undefined) head = "";
    if (++looked % MOST_LINES !== 0) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

function labelText(labels: Labels): string {
  const list = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return list.length === 0 ? "" : `{${list.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value
    .toWellFormed()
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll('"', '\\"');
}
