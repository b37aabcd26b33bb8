/**
 * What /proc says about one thread. The name is read again each time, through a descriptor that stays open and
 * fails once the thread is gone, so that a number that is used again is not taken for the old thread. User and
 * group ids are kept until a call that can change them is seen.
 */
import type { Status } from "../../../variables/index.ts";
import type { ProcFiles } from "./proc-files.ts";

export type Credentials = Status;
export type Identity = Pick<Status, "tgid" | "uids" | "gids">;

export class Task {
  readonly tid: number;
  readonly #files: ProcFiles;
  readonly #commFd: number;
  /** As it was read last. */
  #commLine: Uint8Array | undefined;
  #comm: Uint8Array | undefined;
  #credentials: Credentials | undefined;
  /** What can change without a call that we see may have done so. */
  #isOld = false;

  constructor(tid: number, files: ProcFiles) {
    this.tid = tid;
    this.#files = files;
    this.#commFd = files.open(`/proc/${tid}/comm`);
  }

  /** Name of the thread; undefined: it is gone. */
  comm(): Uint8Array | undefined {
    if (this.#commFd < 0) return undefined;
    const line = this.#files.readAgain(this.#commFd, this.#commLine);
    if (line === undefined) return undefined;
    if (line !== this.#commLine) {
      this.#commLine = line;
      // without the newline
      this.#comm = line.subarray(0, -1);
    }
    return this.#comm;
  }

  credentials(): Credentials | undefined {
    if (this.#isOld) this.forgetCredentials();
    return this.#kept();
  }

  /** Of these, what only calls that we see change: the process, user and group ids. The rest may be out of date. */
  identity(): Identity | undefined {
    return this.#kept();
  }

  #kept(): Credentials | undefined {
    this.#credentials ??= this.#readCredentials();
    return this.#credentials;
  }

  /** After a call that changes ids. */
  forgetCredentials(): void {
    this.#credentials = undefined;
    this.#isOld = false;
  }

  /** Before a call whose rules look at what can change without one: the parent, capabilities. */
  expire(): void {
    this.#isOld = true;
  }

  #readCredentials(): Credentials | undefined {
    const text = this.#files.readText(`/proc/${this.tid}/status`);
    if (text === undefined) return undefined;
    const numbers = (name: string): number[] => {
      const start = text.indexOf(`\n${name}:`);
      if (start < 0) return [];
      const from = start + name.length + 2;
      return text.slice(from, text.indexOf("\n", from)).trim().split(/\s+/).map(Number);
    };
    const [, caps] = /\nCapEff:\s*([0-9a-f]+)/.exec(text) ?? [];
    const tgid = numbers("Tgid")[0];
    return {
      tgid,
      ppid: numbers("PPid")[0],
      uids: numbers("Uid"),
      gids: numbers("Gid"),
      caps: caps === undefined ? undefined : BigInt(`0x${caps}`),
      // a kernel without pid namespaces has no such line
      nsPid: numbers("NStgid").at(-1) ?? tgid,
    };
  }

  close(): void {
    if (this.#commFd >= 0) this.#files.close(this.#commFd);
  }
}

/** Of a thread that nothing else is wanted of. */
export function processOf(files: ProcFiles, tid: number): number | undefined {
  const [, process] = /^Tgid:\s*(\d+)/m.exec(files.readText(`/proc/${tid}/status`) ?? "") ?? [];
  return process === undefined ? undefined : Number(process);
}
