import { bpfObjGetInfoByFd } from "../command/object-commands.ts";
import { MAP_TYPE } from "../constants.ts";
import { type BpfMap, sizesOf } from "./map.ts";

/** Offsets in struct bpf_map_info. */
const INFO = { type: 0, id: 4, key_size: 8, value_size: 12, max_entries: 16, name: 24 } as const;
const NAME_SIZE = 16;
const INFO_SIZE = INFO.name + NAME_SIZE;

export interface MapInfo {
  /** Unique since boot. */
  readonly id: number;
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  /** Up to 15 bytes. Since Linux 4.15. */
  readonly name: string;
}

/** What the kernel says of a map. Since Linux 4.13. */
export function mapInfo(map: BpfMap): MapInfo {
  const view = bpfObjGetInfoByFd(map.fd, INFO_SIZE);
  const u32 = (offset: number): number => view.getUint32(offset, true);
  const name = Buffer.from(view.buffer, INFO.name, NAME_SIZE).toString("latin1");
  return {
    id: u32(INFO.id),
    type: u32(INFO.type),
    keySize: u32(INFO.key_size),
    valueSize: u32(INFO.value_size),
    maxEntries: u32(INFO.max_entries),
    name: name.slice(0, name.indexOf("\0")),
  };
}

/** Whether the map is what its spec says of type, keys and values. */
export function isOfShape(map: BpfMap): boolean {
  const { type, keySize, valueSize } = mapInfo(map);
  const wanted = sizesOf(map.spec);
  return (
    type === MAP_TYPE[map.spec.type] && keySize === wanted.keySize && valueSize === wanted.valueSize
  );
}
