import { bpfObjGetInfoByFd } from "../command/object-commands.ts";
import type { BpfMap } from "./map.ts";

/** Offsets in struct bpf_map_info. */
const INFO = { id: 4, max_entries: 16 } as const;
const INFO_SIZE = 24;

export interface MapInfo {
  /** Unique since boot. */
  readonly id: number;
  readonly maxEntries: number;
}

/** What the kernel says of a map. Since Linux 4.13. */
export function mapInfo(map: BpfMap): MapInfo {
  const view = bpfObjGetInfoByFd(map.fd, INFO_SIZE);
  return {
    id: view.getUint32(INFO.id, true),
    maxEntries: view.getUint32(INFO.max_entries, true),
  };
}
