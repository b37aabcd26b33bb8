/** Addresses that were seen as entries of a list. */
import type { ProposedEntry } from "./generalise.ts";
import type { SeenUse } from "./use.ts";

/** Least addresses of a port that stand for any address of it. */
const LEAST_ADDRESSES = 3;
const PORT = /:(\d+)$/;

/** An entry for each address; where they are too many, for the port of most of them. Pure. */
export function generaliseAddresses(
  uses: readonly SeenUse[],
  limit: number,
): readonly ProposedEntry[] {
  const ports = new Set<string>();
  const byPort = Map.groupBy(uses, ({ name }) => PORT.exec(name)?.[1] ?? "");
  const most = [...byPort].toSorted(([, a], [, b]) => b.length - a.length);
  let left = uses.length;
  for (const [port, own] of most) {
    if (left <= limit || own.length < LEAST_ADDRESSES) break;
    ports.add(port);
    left -= own.length - 1;
  }
  return most.flatMap(([port, own]): ProposedEntry[] =>
    ports.has(port)
      ? [{ text: `*:${port}`, uses: own, isFolder: false }]
      : own.map((use) => ({ text: use.name, uses: [use], isFolder: false })),
  );
}
