/**
 * Whether what the kernel refuses us it refuses a thread, too. Only then does a refusal of ours say anything: with other ids, or as
 * the master of a user namespace of its own, a thread may go where we may not.
 */
import type { ProcFiles } from "./proc-files.ts";

/** All that says who may search a directory: ids real to file system, groups, capabilities in force. */
const LINES = /^(?:Uid|Gid|Groups|CapEff):.*$/gm;

export class Rights {
  readonly #files: ProcFiles;
  #ours: string | undefined;

  constructor(files: ProcFiles) {
    this.#files = files;
  }

  areOurs(tid: number): boolean {
    this.#ours ??= this.#of("self");
    return this.#ours !== undefined && this.#of(tid) === this.#ours;
  }

  #of(task: number | "self"): string | undefined {
    const status = this.#files.readText(`/proc/${task}/status`);
    const namespace = this.#files.readLink(`/proc/${task}/ns/user`);
    if (status === undefined || namespace === undefined) return undefined;
    const lines = status.match(LINES) ?? [];
    return [...lines, Buffer.from(namespace).toString("latin1")].join("\n");
  }
}
