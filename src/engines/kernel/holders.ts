/** Who else holds BPF objects of ours: descriptors tell it in /proc/PID/fdinfo (`map_id:`, `prog_id:`, `link_id:`). */
import { readdirSync, readFileSync } from "node:fs";

export interface Holder {
  readonly pid: number;
  readonly comm: string;
}

/** Other processes with a descriptor of one of the maps or programs. Needs root; processes that end meanwhile are left out. */
export function findHolders(
  mapIds: ReadonlySet<number>,
  programIds: ReadonlySet<number>,
): readonly Holder[] {
  const holders: Holder[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    if (holds(pid, mapIds, programIds)) holders.push({ pid, comm: commOf(pid) });
  }
  return holders;
}

function holds(pid: number, mapIds: ReadonlySet<number>, programIds: ReadonlySet<number>): boolean {
  for (const fd of tryRead(() => readdirSync(`/proc/${pid}/fdinfo`)) ?? []) {
    const info = tryRead(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, "latin1")) ?? "";
    const id = (key: string): number =>
      Number(new RegExp(`^${key}:\\s*(\\d+)$`, "m").exec(info)?.[1] ?? "-1");
    if (mapIds.has(id("map_id")) || programIds.has(id("prog_id"))) return true;
  }
  return false;
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
