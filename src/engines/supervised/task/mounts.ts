/**
 * The mounts that have a name for a process. A directory in any other (a detached one, by open_tree(2) or fsmount(2); one of
 * another namespace, by a descriptor from there) is shown in /proc by a name that begins at the root of its mount, where the process has
 * another file or none.
 */
import type { ProcFiles } from "./proc-files.ts";

/** What of a file says where it is mounted. */
export interface MountOf {
  /** As in mountinfo; undefined: the kernel does not tell (before Linux 5.8). */
  readonly mount: bigint | undefined;
  /** As in mountinfo: `major:minor`. */
  readonly device: string;
}

interface Table {
  readonly mounts: ReadonlySet<bigint>;
  readonly devices: ReadonlySet<string>;
}

const NONE: Table = { mounts: new Set(), devices: new Set() };

export class Mounts {
  readonly #files: ProcFiles;
  /** By mount namespace; the one that was asked for last. */
  #known: { readonly namespace: string; table: Table } | undefined;

  constructor(files: ProcFiles) {
    this.#files = files;
  }

  /**
   * named: it is mounted where the thread sees it. hidden: it is not, but what is in it may be. fresh: nothing of that
   * device is mounted there, so that what is in it has no other name.
   */
  find(tid: number, { mount, device }: MountOf): "named" | "hidden" | "fresh" {
    if (mount === undefined) return "named";
    const namespace = Buffer.from(this.#files.readLink(`/proc/${tid}/ns/mnt`) ?? []).toString();
    const known = this.#known?.namespace === namespace ? this.#known.table : NONE;
    if (known.mounts.has(mount)) return "named";
    const table = this.#read(tid);
    this.#known = { namespace, table };
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
