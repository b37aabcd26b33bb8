/**
 * Other processes that hold our BPF objects, and other places where they are pinned: of a descriptor /proc/PID/fdinfo shows it
 * (`map_id:`, `prog_id:`, which links have, too).
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openPin } from "../../bpf/index.ts";

/** Ids of what must not be held. */
export interface Held {
  readonly mapIds: ReadonlySet<number>;
  readonly programIds: ReadonlySet<number>;
}

export interface Holder {
  readonly pid: number;
  readonly comm: string;
}

/** Other processes with a descriptor of one of the objects. Needs root; processes that end meanwhile are left out. */
export function findHolders(held: Held): readonly Holder[] {
  const holders: Holder[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const fds = tryRead(() => readdirSync(`/proc/${pid}/fdinfo`)) ?? [];
    if (fds.some((fd) => isOneOf(held, `/proc/${pid}/fdinfo/${fd}`)))
      holders.push({ pid, comm: commOf(pid) });
  }
  return holders;
}

/**
 * Pins of one of the objects, in all bpf file systems that we see, but not those below `ownDirectory`, under whichever
 * mount point they are seen. Needs root.
 */
export function findPins(held: Held, ownDirectory: string): readonly string[] {
  const mounts = bpfMounts();
  const own = placeOf(ownDirectory, mounts);
  const seen = new Set<string>();
  const pins: string[] = [];
  for (const mount of mounts)
    for (const entry of tryRead(() =>
      readdirSync(mount.point, { recursive: true, withFileTypes: true }),
    ) ?? []) {
      const path = join(entry.parentPath, entry.name);
      // what lies below a mount point may be of another file system, which is mounted over this one
      const place = placeOf(path, mounts);
      if (entry.isDirectory() || place.startsWith(`${own}/`) || seen.has(place)) continue;
      seen.add(place);
      using pin = tryRead(() => openPin(path));
      if (pin !== undefined && isOneOf(held, `/proc/self/fdinfo/${pin.number}`)) pins.push(path);
    }
  return pins;
}

interface Mount {
  /** `major:minor`: which file system it is, however often it is mounted. */
  readonly device: string;
  /** Directory of the file system that is seen at the mount point. */
  readonly root: string;
  readonly point: string;
}

/** Of the kind bpf, by proc_pid_mountinfo(5), in the order of mounting. */
export function bpfMounts(
  mountinfo = readFileSync("/proc/self/mountinfo", "utf8"),
): readonly Mount[] {
  return mountinfo
    .split("\n")
    .filter((line) => / - bpf /.test(line))
    .map((line) => {
      const [, , device = "", root = "", point = ""] = line.split(" ");
      return { device, root: unescapeOctal(root), point: unescapeOctal(point) };
    });
}

/** Where a path is in its file system: the same for all mount points. */
export function placeOf(path: string, mounts: readonly Mount[]): string {
  const holding = mounts.filter(({ point }) => path === point || path.startsWith(`${point}/`));
  // the longest, and of those on one another the last
  const mount = holding.toSorted((a, b) => a.point.length - b.point.length).at(-1);
  return mount === undefined ? path : placeIn(mount, path);
}

function placeIn({ device, root, point }: Mount, path: string): string {
  return `${device}${root === "/" ? "" : root}${path.slice(point.length)}`;
}

/** Blanks and the like in names of mount points, see proc_pid_mountinfo(5). */
function unescapeOctal(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function isOneOf({ mapIds, programIds }: Held, fdinfo: string): boolean {
  const info = tryRead(() => readFileSync(fdinfo, "latin1")) ?? "";
  const id = (key: string): number =>
    Number(new RegExp(`^${key}:\\s*(\\d+)$`, "m").exec(info)?.[1] ?? "-1");
  return mapIds.has(id("map_id")) || programIds.has(id("prog_id"));
}

function commOf(pid: number): string {
  return tryRead(() => readFileSync(`/proc/${pid}/comm`, "latin1").trimEnd()) ?? "?";
}

function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
