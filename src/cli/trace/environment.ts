/** The environment of a command: ours, as -E changes it. */

export interface EnvironmentChange {
  readonly name: string;
  /** Absent: the variable is removed. */
  readonly value: string | undefined;
}

/** `NAME=value` each. */
export function environmentOf(
  own: readonly Buffer[],
  changes: readonly EnvironmentChange[],
): readonly Buffer[] {
  let environment = [...own];
  for (const { name, value } of changes) {
    const at = environment.findIndex((entry) => nameOf(entry) === name);
    const entry = value === undefined ? undefined : Buffer.from(`${name}=${value}`);
    if (entry === undefined) environment = environment.filter((one) => nameOf(one) !== name);
    else if (at < 0) environment.push(entry);
    else environment[at] = entry;
  }
  return environment;
}

function nameOf(entry: Buffer): string {
  const text = entry.toString("utf8");
  return text.slice(0, Math.max(text.indexOf("="), 0));
}
