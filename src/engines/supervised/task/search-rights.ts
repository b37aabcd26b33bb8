/**
 * What we find as the superuser somebody else may not reach: whether a thread with fewer rights may search all directories that a
 * path leads through. They are found first; then this thread of ours takes the ids by which the kernel decides over files,
 * asks, and puts its own back. Where nothing certain can be said the answer is yes.
 */
import { EACCES, MAXSYMLINKS } from "../../../base/linux-abi.ts";
import { Memory, syscall, X64 } from "../../../sys/index.ts";
import type { Path } from "./path-text.ts";
import type { ProcFiles } from "./proc-files.ts";
import type { NameCalls } from "./rooted-files.ts";

/** CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH. */
const MAY_SEARCH_ALL = 0b110n;
const MOST_DIRECTORIES = 256;
const MOST_GROUPS = 1024;
const X_OK = 1;
const AT_EMPTY_PATH_AND_EACCESS = 0x1200;

/** A way through directories. */
export interface Way {
  readonly path: Path;
  /** Whether a symbolic link at the end is followed. */
  readonly follow: boolean;
  /** Links to directories, in /proc: where relative and absolute paths begin. */
  readonly base: Path;
  readonly root: Path;
}

interface Ids {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export class SearchRights {
  readonly #files: ProcFiles;
  readonly #calls: NameCalls;
  readonly #memory = Memory.allocate(4 * MOST_GROUPS);
  readonly #isSuperuser = process.geteuid?.() === 0;
  #ours: { readonly ids: Ids; readonly namespace: string } | undefined;

  constructor(files: ProcFiles, calls: NameCalls) {
    this.#files = files;
    this.#calls = calls;
  }

  /** Whether that may differ from what we may at all. `fsuid`: of the thread, undefined where unknown. */
  mayBeFewer(fsuid: number | undefined): boolean {
    return this.#isSuperuser && fsuid !== undefined && fsuid !== 0;
  }

  /** False: the kernel refuses the thread the way with EACCES. */
  maySearch(tid: number, way: Way): boolean {
    const ids = this.#fewer(tid);
    const ours = this.#ours;
    if (ids === undefined || ours === undefined) return true;
    const directories: number[] = [];
    try {
      if (!this.#collect(way, directories)) return true;
      const may = !this.#take(ids) || directories.every((fd) => this.#isSearchable(fd));
      if (!this.#take(ours.ids)) throw new Error("sct cannot take its own ids back");
      return may;
    } finally {
      for (const fd of directories) this.#calls.close(fd);
    }
  }

  /** Ids of a thread that has no capability to search what it may not, in our user namespace; undefined: it may have. */
  #fewer(tid: number): Ids | undefined {
    this.#ours ??= this.#read("self");
    const theirs = this.#read(tid);
    if (theirs === undefined || theirs.namespace !== this.#ours?.namespace) return undefined;
    return (theirs.capabilities & MAY_SEARCH_ALL) === 0n ? theirs.ids : undefined;
  }

  #read(task: number | "self") {
    const status = this.#files.readText(`/proc/${task}/status`);
    const namespace = this.#files.readLink(`/proc/${task}/ns/user`);
    if (status === undefined || namespace === undefined) return undefined;
    const field = (name: string): string[] => {
      const [, text = ""] = new RegExp(`^${name}:(.*)$`, "m").exec(status) ?? [];
      return text
        .trim()
        .split(/\s+/)
        .filter((word) => word !== "");
    };
    // the last one is that for files
    const [uid, gid] = [field("Uid")[3], field("Gid")[3]].map(Number);
    const groups = field("Groups").map(Number);
    const [capabilities] = field("CapEff");
    if (uid === undefined || gid === undefined || capabilities === undefined) return undefined;
    if (groups.length > MOST_GROUPS) return undefined;
    return {
      ids: { uid, gid, groups },
      namespace: Buffer.from(namespace).toString("latin1"),
      capabilities: BigInt(`0x${capabilities}`),
    };
  }

  /** Descriptors of the directories that names are looked for in, as far as there are any; false: it cannot be said which. */
  #collect({ path, follow, base, root }: Way, into: number[]): boolean {
    const names = namesIn(path);
    let links = 0;
    let current = this.#calls.open(path.startsWith("/") ? root : base);
    while (current >= 0) {
      const name = names.shift();
      if (name === undefined) {
        this.#calls.close(current);
        break;
      }
      into.push(current);
      // above a root of its own the thread does not get
      if (name === ".." || into.length > MOST_DIRECTORIES) return false;
      const next = this.#calls.openNext(current, name);
      if (next < 0 || (names.length === 0 && !follow)) {
        current = next;
        continue;
      }
      const target = this.#calls.targetOf(next);
      if (target === undefined) {
        current = next;
        continue;
      }
      // in a procfs it means something else for the thread
      const isOfProc = this.#calls.isOfProc(next);
      this.#calls.close(next);
      if (isOfProc || ++links > MAXSYMLINKS) return false;
      names.unshift(...namesIn(target));
      current = target.startsWith("/")
        ? this.#calls.open(root)
        : this.#calls.openNext(current, ".");
    }
    return true;
  }

  #isSearchable(fd: number): boolean {
    // it asks for other rights, and a thread may always look at itself
    if (this.#calls.isOfProc(fd)) return true;
    return this.#calls.access(fd, X_OK, AT_EMPTY_PATH_AND_EACCESS) !== -EACCES;
  }

  /** For this thread alone. The superuser keeps what it needs to take its own back. */
  #take({ uid, gid, groups }: Ids): boolean {
    groups.forEach((group, i) => {
      this.#memory.view.setUint32(4 * i, group, true);
    });
    const isGiven = syscall(X64.setgroups, groups.length, this.#memory.address) === 0;
    syscall(X64.setfsgid, gid);
    syscall(X64.setfsuid, uid);
    // neither says whether it did; both give what was before, and change nothing for an id that there is not
    return isGiven && syscall(X64.setfsuid, -1) === uid && syscall(X64.setfsgid, -1) === gid;
  }

  free(): void {
    this.#memory.free();
  }
}

function namesIn(path: Path): string[] {
  return path.split("/").filter((name) => name !== "");
}
