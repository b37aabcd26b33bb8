/** Namespaces, control group and login of a thread, as numbers and text; undefined where /proc does not tell. */
import { statSync } from "node:fs";
import type { ProcFiles } from "./proc-files.ts";

const CGROUP_ROOT = "/sys/fs/cgroup";
/** Container runtimes name the group after the 64 hex digits of the container. */
const CONTAINER_ID = /[0-9a-f]{64}/;

/** Inode number of a namespace, from a link such as `pid:[4026531836]`. */
export function namespaceIn(link: Uint8Array | undefined): bigint | undefined {
  const [, inode] = /\[(\d+)\]/.exec(Buffer.from(link ?? []).toString("latin1")) ?? [];
  return inode === undefined ? undefined : BigInt(inode);
}

/** Path in the unified hierarchy. */
function cgroupPath(files: ProcFiles, tid: number): string | undefined {
  const [, path] = /^0::(.*)$/m.exec(files.readText(`/proc/${tid}/cgroup`) ?? "") ?? [];
  return path;
}

/** The id that the kernel gives a control group: the inode of its directory. */
export function cgroupId(files: ProcFiles, tid: number): bigint | undefined {
  const path = cgroupPath(files, tid);
  try {
    return path === undefined ? undefined : statSync(CGROUP_ROOT + path, { bigint: true }).ino;
  } catch {
    return undefined;
  }
}

/** Id of the container, empty outside of one. */
export function containerOf(files: ProcFiles, tid: number): Uint8Array | undefined {
  const text = files.readText(`/proc/${tid}/cgroup`);
  return text === undefined ? undefined : Buffer.from(CONTAINER_ID.exec(text)?.[0] ?? "");
}

const ENOENT = 2;

/** `loginuid` or `sessionid`; 0xffffffff where the kernel keeps none. */
export function auditId(
  files: ProcFiles,
  tid: number,
  name: "loginuid" | "sessionid",
): bigint | undefined {
  const fd = files.open(`/proc/${tid}/${name}`);
  if (fd < 0) return fd === -ENOENT ? 0xffff_ffffn : undefined;
  const bytes = files.read(fd);
  files.close(fd);
  return bytes && BigInt(Buffer.from(bytes).toString("latin1").trim());
}
