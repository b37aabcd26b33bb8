/**
 * Prometheus' text format, version 0.0.4. Written by hand: the numbers live in the kernel, the history and the outputs
 * already, and a client library would want to own copies of them.
 */
type Value = number | undefined;
type Labels = Readonly<Record<string, string>>;

export class Exposition {
  readonly #lines: string[] = [];

  /** One family; samples without a value are left out, and a family without samples too. */
  family(
    name: string,
    type: "counter" | "gauge",
    help: string,
    samples: readonly (readonly [Labels, Value])[],
  ): void {
    const known = samples.filter(([, value]) => value !== undefined);
    if (known.length === 0) return;
    const fullName = `syscalltrack_${name}`;
    this.#lines.push(`# HELP ${fullName} ${help}`, `# TYPE ${fullName} ${type}`);
    for (const [labels, value] of known)
      this.#lines.push(`${fullName}${labelText(labels)} ${value}`);
  }

  toString(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }
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
