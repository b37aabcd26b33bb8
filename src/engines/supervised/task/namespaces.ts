/** Control group and login of a thread, as numbers and text; undefined where /proc does not show them. */
import { existsSync, readFileSync, statSync } from "node:fs";
import type { ProcFiles } from "./proc-files.ts";

/** Container runtimes name the group after the 64 hex digits of the container. */
const CONTAINER_ID = /[0-9a-f]{64}/;

/** Path in the unified hierarchy. */
function cgroupPath(files: ProcFiles, tid: number): string | undefined {
  const [, path] = /^0::(.*)$/m.exec(files.readText(`/proc/${tid}/cgroup`) ?? "") ?? [];
  return path;
}

/** The id that the kernel gives a control group: the inode of its directory. */
export function cgroupId(files: ProcFiles, tid: number): bigint | undefined {
  const path = cgroupPath(files, tid);
  // outside of our cgroup namespace, where a path from our root leads elsewhere
  if (path === undefined || path.startsWith("/..")) return undefined;
  unifiedRoot ??= findUnified();
  if (unifiedRoot === "") return undefined;
  try {
    return statSync(Buffer.from(unifiedRoot + path, "latin1"), { bigint: true }).ino;
  } catch {
    return undefined;
  }
}

/** Where the unified hierarchy is mounted; empty: nowhere. */
let unifiedRoot: string | undefined;

/** Beside hierarchies of version 1 it is not at /sys/fs/cgroup, where the numbers are those of a tmpfs. */
function findUnified(): string {
  const mounts = readFileSync("/proc/self/mountinfo", "latin1");
  const [, place = ""] = /^\S+ \S+ \S+ \/ (\S+) .* - cgroup2 /m.exec(mounts) ?? [];
  return place.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)));
}

/** Id of the container, empty outside of one. */
export function containerOf(files: ProcFiles, tid: number): Uint8Array | undefined {
  const text = files.readText(`/proc/${tid}/cgroup`);
  return text === undefined ? undefined : Buffer.from(CONTAINER_ID.exec(text)?.[0] ?? "");
}

/** `loginuid` or `sessionid`; 0xffffffff where the kernel keeps none. */
export function auditId(
  files: ProcFiles,
  tid: number,
  name: "loginuid" | "sessionid",
): bigint | undefined {
  const text = files.readText(`/proc/${tid}/${name}`);
  if (text === undefined && !existsSync(`/proc/self/${name}`) && existsSync("/proc/self/status"))
    return 0xffff_ffffn;
  const [, digits] = /^(\d+)\n?$/.exec(text ?? "") ?? [];
  return digits === undefined ? undefined : BigInt(digits);
}
