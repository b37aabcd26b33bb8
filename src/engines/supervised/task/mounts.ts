/**
 * The mounts that have a name for a process. A directory in any other (a detached one, by open_tree(2) or fsmount(2); one of
 * another namespace, by a descriptor from there) is shown in /proc by a name that begins at the root of its mount, where the process has
 * another file or none.
 */
import type { ProcFiles } from "./proc-files.ts";

/** What of a file says where it is mounted. */
export interface MountOf {
  /** As in mountinfo; undefined: the kernel does not say (before Linux 5.8). */
  readonly mount: bigint | undefined;
  /** As in mountinfo: `major:minor`. */
  readonly device: string;
}

interface Table {
  readonly mounts: ReadonlySet<bigint>;
  readonly devices: ReadonlySet<string>;
}

const NONE: Table = { mounts: new Set(), devices: new Set() };
const MOST_TABLES = 16;

export class Mounts {
  readonly #files: ProcFiles;
  /** By mount namespace. */
  readonly #tables = new Map<string, Table>();

  constructor(files: ProcFiles) {
    this.#files = files;
  }

  /**
   * named: it is mounted where the thread sees it, or we. hidden: it is not, but what is in it may be. fresh: nothing of that
   * device is mounted there, so that what is in it has no other name. `root`: of the thread.
   */
  find(tid: number, status: MountOf, root: MountOf | undefined): "named" | "hidden" | "fresh" {
    // a root in the midst of a mount leaves that one out of the list
    if (status.mount === undefined || status.mount === root?.mount) return "named";
    const places = [tid, process.pid].map((pid) => this.#findIn(pid, status));
    if (places.includes("named")) return "named";
    return places.includes("hidden") ? "hidden" : "fresh";
  }

  /** Somebody is about to change what is mounted. */
  forget(): void {
    this.#tables.clear();
  }

  #findIn(pid: number, { mount = 0n, device }: MountOf): "named" | "hidden" | "fresh" {
    const namespace = Buffer.from(this.#files.readLink(`/proc/${pid}/ns/mnt`) ?? []).toString();
    if (this.#tables.get(namespace)?.mounts.has(mount) === true) return "named";
    const table = this.#read(pid);
    if (this.#tables.size >= MOST_TABLES) this.#tables.clear();
    this.#tables.set(namespace, table);
    if (table.mounts.has(mount)) return "named";
    return table.devices.has(device) ? "hidden" : "fresh";
  }

  #read(tid: number): Table {
    const fd = this.#files.open(`/proc/${tid}/mountinfo`);
    if (fd < 0) return NONE;
    const lines = this.#files.readAll(fd)?.split("\n") ?? [];
    this.#files.close(fd);
    const fields = lines.map((line) => line.split(" ")).filter(({ length }) => length > 3);
    return {
      mounts: new Set(fields.map(([id = "0"]) => BigInt(id))),
      devices: new Set(fields.map(([, , device = ""]) => device)),
    };
  }
}
