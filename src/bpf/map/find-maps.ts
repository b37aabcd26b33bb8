/** Maps that somebody else made: of the whole machine, or of one program. */
import {
  bpfMapGetFdById,
  bpfMapGetNextId,
  bpfObjGet,
  bpfProgMapIds,
} from "../command/object-commands.ts";
import { BpfMap, type MapSpec } from "./map.ts";
import { isOfShape, mapInfo } from "./map-info.ts";

/**
 * Opens all maps that have the name, type and sizes of `spec`; the caller closes them. Needs CAP_SYS_ADMIN. Throws
 * SyscallError. Since Linux 4.15.
 */
export function findMaps(spec: MapSpec): BpfMap[] {
  const found: BpfMap[] = [];
  for (let id = bpfMapGetNextId(0); id !== undefined; id = bpfMapGetNextId(id)) {
    const map = openById(id, spec);
    if (map !== undefined) found.push(map);
  }
  return found;
}

/** The same of a program that is pinned; undefined: it uses none like that. */
export function findMapOfProgram(spec: MapSpec, pin: string): BpfMap | undefined {
  using program = bpfObjGet(pin);
  for (const id of bpfProgMapIds(program)) {
    const map = openById(id, spec);
    if (map !== undefined) return map;
  }
  return undefined;
}

function openById(id: number, spec: MapSpec): BpfMap | undefined {
  const fd = bpfMapGetFdById(id);
  if (fd === undefined) return undefined;
  const map = new BpfMap(spec, fd);
  try {
    if (mapInfo(map).name === spec.name && isOfShape(map)) return map;
  } catch (error) {
    map.close();
    throw error;
  }
  map.close();
  return undefined;
}
