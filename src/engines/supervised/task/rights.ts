/**
 * Whether what the kernel refuses us it refuses a thread, too. Only then does a refusal of ours say anything: with other ids, or as
 * the master of a user namespace of its own, a thread may go where we may not.
 */
import type { ProcFiles } from "./proc-files.ts";
import type { FileStatus } from "./rooted-files.ts";

/** Ids real to file system and groups: all that decides about searching a directory, beside capabilities. */
const IDS = /^(?:Uid|Gid|Groups):.*$/gm;
const CAPABILITIES = /^CapEff:.*$/m;

interface Held {
  readonly ids: string;
  readonly capabilities: string;
  /** The user namespace in which it has them. */
  readonly namespace: string;
}

export class Rights {
  readonly #files: ProcFiles;
  #ours: Held | undefined;

  constructor(files: ProcFiles) {
    this.#files = files;
  }

  /**
   * `refuser`: finds the directory that refuses us, where that matters. The capabilities of a user namespace hold for files
   * whose owner and group are mapped into it (user_namespaces(7)).
   */
  refuseToo(tid: number, refuser: () => FileStatus | undefined): boolean {
    this.#ours ??= this.#of("self");
    const theirs = this.#of(tid);
    if (theirs === undefined || theirs.ids !== this.#ours?.ids) return false;
    if (theirs.namespace === this.#ours.namespace)
      return theirs.capabilities === this.#ours.capabilities;
    const directory = refuser();
    if (directory === undefined) return false;
    return (
      !this.#isMapped(tid, "uid_map", directory.uid) ||
      !this.#isMapped(tid, "gid_map", directory.gid)
    );
  }

  /** As far as it can be read; `id`, like the second column, is one of our namespace. */
  #isMapped(tid: number, map: "uid_map" | "gid_map", id: number): boolean {
    const text = this.#files.readText(`/proc/${tid}/${map}`);
    if (text === undefined) return true;
    return text.split("\n").some((line) => {
      const [, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
      return id >= outside && id < outside + count;
    });
  }

  #of(task: number | "self"): Held | undefined {
    const status = this.#files.readText(`/proc/${task}/status`);
    const namespace = this.#files.readLink(`/proc/${task}/ns/user`);
    if (status === undefined || namespace === undefined) return undefined;
    return {
      ids: (status.match(IDS) ?? []).join("\n"),
      capabilities: CAPABILITIES.exec(status)?.[0] ?? "",
      namespace: Buffer.from(namespace).toString("latin1"),
    };
  }
}
