/** Addresses that were seen as entries of a list. */
import type { ProposedEntry } from "./generalise.ts";
import type { SeenUse } from "./use.ts";

/** Least addresses of a port that stand for any address of it. */
const LEAST_ADDRESSES = 3;
const PORT = /:(\d+)$/;
/** `[::1]:80`, `10.0.0.1:80`; all else with a port is the name of a host. */
const ADDRESS = /^(?:\[.*\]|[\d.]+)(?::\d+)?$/;

export function isHost(name: string): boolean {
  return !ADDRESS.test(name);
}

/** An entry for each name of a host, and for each address; where these are too many, for the port of most of them. Pure. */
export function generaliseAddresses(
  seen: readonly SeenUse[],
  limit: number,
): readonly ProposedEntry[] {
  const hosts = seen.filter(({ name }) => isHost(name));
  const uses = seen.filter(({ name }) => !isHost(name));
  const ports = new Set<string>();
  const byPort = Map.groupBy(uses, ({ name }) => PORT.exec(name)?.[1] ?? "");
  const most = [...byPort].toSorted(([, a], [, b]) => b.length - a.length);
  let left = uses.length;
  for (const [port, own] of most) {
    if (left <= limit || own.length < LEAST_ADDRESSES) break;
    ports.add(port);
    left -= own.length - 1;
  }
  const alone = (use: SeenUse): ProposedEntry => ({ text: use.name, uses: [use], isFolder: false });
  const addresses = most.flatMap(([port, own]): ProposedEntry[] =>
    ports.has(port) ? [{ text: `*:${port}`, uses: own, isFolder: false }] : own.map(alone),
  );
  return [...hosts.map(alone), ...addresses];
}
