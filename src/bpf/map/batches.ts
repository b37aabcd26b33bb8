/** Reads a hash map with few system calls. */
import { type Fd, Memory } from "../../sys/index.ts";
import { bpfMapLookupBatch } from "../command/map-commands.ts";

/** At a time: reading and adding up so much takes a millisecond or two. */
const MOST_ENTRIES = 64;
const MOST_BYTES = 64 << 10;
/** The kernel stores in four bytes where it continues. */
const POSITION_SIZE = 4;

export interface RawEntry {
  readonly key: Uint8Array<ArrayBuffer>;
  /** As the kernel gives them: of a map per CPU, all values one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** All entries, some at a time; in the end false, and nothing before it, where the kernel has no such command for the map. */
export function* walkBatches(
  map: Fd,
  keySize: number,
  valueSize: number,
): Generator<readonly RawEntry[], boolean> {
  using at = Memory.allocate(POSITION_SIZE);
  let most = Math.max(1, Math.min(MOST_ENTRIES, Math.floor(MOST_BYTES / valueSize)));
  for (let isFirst = true; ; ) {
    const found = readBatch(map, at, { keySize, valueSize, most, isFirst });
    if (found === "unsupported") return false;
    // a bucket is read at once: one with more needs more room
    if (found === "full") most *= 2;
    else if (found.length === 0) return true;
    else {
      isFirst = false;
      yield found;
    }
  }
}

interface Batch {
  readonly keySize: number;
  readonly valueSize: number;
  readonly most: number;
  readonly isFirst: boolean;
}

function readBatch(map: Fd, at: Memory, { keySize, valueSize, most, isFirst }: Batch) {
  using keys = Memory.allocate(keySize * most);
  using values = Memory.allocate(valueSize * most);
  const found = bpfMapLookupBatch(map, { at, keys, values }, most, isFirst);
  if (typeof found === "string") return found;
  return Array.from({ length: found }, (_, i): RawEntry => {
    const [key, value] = [i * keySize, i * valueSize];
    return {
      key: keys.bytes.slice(key, key + keySize),
      bytes: values.bytes.slice(value, value + valueSize),
    };
  });
}
