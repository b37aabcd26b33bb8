/**
 * Maps that all rule sets share. They are made where nothing is pinned; otherwise those that are pinned are opened, and
 * whatever stands in the way of that leaves the rules that act as they are.
 */
import {
  BpfMap,
  findMapOfProgram,
  isOfShape,
  type MapSpec,
  mapInfo,
  openMap,
  openPinnedMap,
  RingBuffer,
} from "../../bpf/index.ts";
import { CONTROL_SIZE, MapName, SUSPENDED_MAP, TURNS_MAP } from "../../compiler/index.ts";
import { ENOENT, SyscallError } from "../../sys/index.ts";
import {
  makePinDir,
  mapPin,
  pinnedGenerations,
  pinnedPrograms,
  removeSharedPins,
  setAside,
} from "./pins.ts";

export interface SharedMaps {
  readonly maps: ReadonlyMap<string, BpfMap>;
  /** No rules are taken over. */
  readonly isNew: boolean;
  /** What is lost by that. */
  readonly leftUnread?: string | undefined;
}

/** Later versions may add some: rule sets that were pinned before do without them. */
const ADDED: ReadonlySet<string> = new Set([TURNS_MAP.name, SUSPENDED_MAP.name]);

function sharedSpecs(ringBytes: number): readonly MapSpec[] {
  return [
    { name: MapName.events, type: "ringbuf", maxEntries: ringBytes },
    { name: MapName.sequence, type: "array", valueSize: 8, maxEntries: 1 },
    { name: MapName.control, type: "array", valueSize: CONTROL_SIZE, maxEntries: 1 },
    SUSPENDED_MAP,
    TURNS_MAP,
  ];
}

/** Throws MachineError: nothing that acts has changed then. */
export function openShared(pinDir: string, ringBytes: number): SharedMaps {
  const specs = sharedSpecs(ringBytes);
  const maps = new Map<string, BpfMap>();
  try {
    for (const spec of specs) {
      const map = openIfPinned(spec, mapPin(pinDir, spec.name));
      if (map !== undefined) maps.set(spec.name, map);
    }
    const missing = specs.filter(({ name }) => !maps.has(name));
    if (missing.length > 0 && pinnedGenerations(pinDir).length === 0) {
      // nothing, or what a process left that died while it pinned them or took them away
      close(maps);
      removeSharedPins(pinDir);
      return { maps: makeShared(pinDir, specs), isNew: true };
    }
    for (const spec of missing) {
      const map = recover(spec, pinDir);
      if (map !== undefined) maps.set(spec.name, map);
    }
    if (maps.size === specs.length && [...maps.values()].every(isOfShape))
      return { maps, isNew: false };
    // a version whose programs and ours cannot share maps
    const leftUnread = describeUnread(maps.get(MapName.events));
    close(maps);
    setAside(pinDir);
    return { maps: makeShared(pinDir, specs), isNew: true, leftUnread };
  } catch (error) {
    close(maps);
    throw error;
  }
}

function close(maps: Map<string, BpfMap>): void {
  for (const map of maps.values()) map.close();
  maps.clear();
}

function openIfPinned(spec: MapSpec, path: string): BpfMap | undefined {
  try {
    return withRealSize(openPinnedMap(spec, path));
  } catch (error) {
    if (error instanceof SyscallError && error.errno === ENOENT) return undefined;
    throw error;
  }
}

/** The pinned ring keeps its size. */
function withRealSize({ spec, fd }: BpfMap): BpfMap {
  const map = new BpfMap(spec, fd);
  try {
    return new BpfMap({ ...spec, maxEntries: mapInfo(map).maxEntries }, fd);
  } catch (error) {
    map.close();
    throw error;
  }
}

/**
 * A map whose pin is missing: the one that programs in force use, since two would not know of each other, or a new one
 * where they use none. Undefined: they cannot do without.
 */
function recover(spec: MapSpec, pinDir: string): BpfMap | undefined {
  const programs = pinnedGenerations(pinDir).flatMap((number) => pinnedPrograms(pinDir, number));
  for (const program of programs) {
    const found = findMapOfProgram(spec, program);
    if (found !== undefined) return pin(withRealSize(found), pinDir);
  }
  return ADDED.has(spec.name) ? pin(openMap(spec), pinDir) : undefined;
}

function pin(map: BpfMap, pinDir: string): BpfMap {
  try {
    map.pin(mapPin(pinDir, map.name));
    return map;
  } catch (error) {
    map.close();
    throw error;
  }
}

function makeShared(pinDir: string, specs: readonly MapSpec[]): ReadonlyMap<string, BpfMap> {
  const maps = new Map<string, BpfMap>();
  try {
    makePinDir(pinDir);
    for (const spec of specs) maps.set(spec.name, pin(openMap(spec), pinDir));
    return maps;
  } catch (error) {
    close(maps);
    throw error;
  }
}

function describeUnread(events: BpfMap | undefined): string | undefined {
  const rules = "the rules of an earlier version are of another kind";
  if (events === undefined || !isOfShape(events)) return `${rules}: events that waited are lost`;
  using ring = RingBuffer.open(events);
  if (ring.pendingBytes === 0) return undefined;
  return `${rules}: events that waited, ${ring.pendingBytes} bytes of them, are lost`;
}
