/** Maps of the whole machine, whoever made them. */
import { bpfMapGetFdById, bpfMapGetNextId, bpfObjGetInfoByFd } from "../command/object-commands.ts";
import { MAP_TYPE } from "../constants.ts";
import { BpfMap, type MapSpec } from "./map.ts";

/** Offsets in struct bpf_map_info. */
const INFO = { type: 0, key_size: 8, value_size: 12, name: 24 } as const;
const NAME_SIZE = 16;
const INFO_SIZE = INFO.name + NAME_SIZE;

/**
 * Opens all maps that have the name, type and sizes of `spec`; the caller closes them. Needs CAP_SYS_ADMIN. Throws
 * SyscallError. Since Linux 4.15.
 */
export function findMaps(spec: MapSpec): BpfMap[] {
  const found: BpfMap[] = [];
  for (let id = bpfMapGetNextId(0); id !== undefined; id = bpfMapGetNextId(id)) {
    const fd = bpfMapGetFdById(id);
    if (fd === undefined) continue;
    const info = bpfObjGetInfoByFd(fd, INFO_SIZE);
    const name = Buffer.from(info.buffer, INFO.name, NAME_SIZE).toString("latin1");
    const isWanted =
      name.slice(0, name.indexOf("\0")) === spec.name &&
      info.getUint32(INFO.type, true) === MAP_TYPE[spec.type] &&
      info.getUint32(INFO.key_size, true) === spec.keySize &&
      info.getUint32(INFO.value_size, true) === spec.valueSize;
    if (isWanted) found.push(new BpfMap(spec, fd));
    else fd.close();
  }
  return found;
}
