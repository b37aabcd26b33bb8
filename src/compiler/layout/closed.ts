/** The maps of calls that hooks deny although their thread has no memory: see programs/fail-closed.ts. */
import type { Block } from "../plan/block.ts";
import { MapName } from "./map-names.ts";

export const CLOSED_KEY_SIZE = 8;

export const CLOSED_VALUE_SIZE = 24;

export const ClosedOffset = { nr: 0, errno: 4, start: 8, block: 16 } as const;

/** Threads that are denied at the same time; a further one takes the place of the one that waits longest. */
const CLOSED_ENTRIES = 1024;

export const CLOSED_MAPS = [
  {
    name: MapName.closed,
    type: "lru_hash",
    keySize: CLOSED_KEY_SIZE,
    valueSize: CLOSED_VALUE_SIZE,
    maxEntries: CLOSED_ENTRIES,
  },
  { name: MapName.closedAny, type: "array", valueSize: 8, maxEntries: 1 },
] as const;

/** Denied in hooks, at least what could not be read at entry: they look into the maps. */
export function closesInHooks({ enforcement, hooks }: Block): boolean {
  return enforcement !== undefined && hooks.length > 0;
}
