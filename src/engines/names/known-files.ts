/**
 * Which files literal paths name, and have named. Moving a file, or a directory on the way, or mounting something over it makes the path
 * name another file or none; what it named before stays known until it is gone, so that its number cannot hit a file that gets it next.
 */
import { type BigIntStats, closeSync, fstatSync, openSync, statSync } from "node:fs";
import { Inotify, SyscallError } from "../../sys/index.ts";
import { atOnce, type Steps } from "./steps.ts";

/** O_PATH | O_CLOEXEC: nothing is opened, only found. */
const FIND_ONLY = 0o10000000 | 0o2000000;

/** Looked at in one step: some system calls each. */
export const FILES_PER_STEP = 100;

interface Known {
  readonly key: string;
  /** Without a watch nobody says when the file is gone: such a key is kept while the path names it. */
  readonly watch: number | undefined;
}

interface NamedPath {
  readonly path: Buffer;
  known: readonly Known[];
  /** What stat(2) reported of the file named last; undefined: to be looked up. */
  seen: string | undefined;
}

/** What a file is distinguished by, of a descriptor of it; undefined where it has none. May throw SyscallError. */
export type KeyOf = (fd: number) => string | undefined;

export class KnownFiles {
  readonly #paths: readonly NamedPath[];
  readonly #keyOf: KeyOf;
  readonly #most: number;
  readonly #inotify: Inotify | undefined;
  #hasChanged = false;

  /** Paths with one byte a character; of each the last `most` files are known. Knows nothing before the first `refresh`. */
  constructor(paths: readonly string[], most: number, keyOf: KeyOf) {
    this.#paths = paths.map((path) => ({
      path: Buffer.from(path, "latin1"),
      known: [],
      seen: undefined,
    }));
    this.#keyOf = keyOf;
    this.#most = most;
    this.#inotify = openInotify();
  }

  /** Keys of each path, in the order of the paths: at most `most`, that of the file named first before all others. */
  keys(): readonly (readonly string[])[] {
    return this.#paths.map(({ known }) => known.map(({ key }) => key));
  }

  /** Looks at all paths again; true if keys have changed since the last time. Throws what `keyOf` throws first, when all were looked at. */
  refresh(): boolean {
    return atOnce(this.refreshing());
  }

  /** The same in steps. */
  *refreshing(): Steps<boolean> {
    this.#forgetEnded();
    let failed: { readonly error: unknown } | undefined;
    for (const [i, named] of this.#paths.entries()) {
      if (i > 0 && i % FILES_PER_STEP === 0) yield;
      try {
        this.#find(named);
      } catch (error) {
        failed ??= { error };
      }
    }
    if (failed !== undefined) throw failed.error;
    const hasChanged = this.#hasChanged;
    this.#hasChanged = false;
    return hasChanged;
  }

  /** Calls back on the event loop when a file is gone; does not keep the loop alive. */
  onEnd(callback: () => void): void {
    this.#inotify?.onEnd(callback);
  }

  #forgetEnded(): void {
    const ended = new Set(this.#inotify?.ended());
    const isGone = ({ watch }: Known): boolean => watch !== undefined && ended.has(watch);
    for (const named of this.#paths) {
      if (!named.known.some(isGone)) continue;
      this.#know(
        named,
        named.known.filter((one) => !isGone(one)),
      );
      named.seen = undefined;
    }
  }

  #know(named: NamedPath, known: readonly Known[]): void {
    named.known = known;
    this.#hasChanged = true;
  }

  #find(named: NamedPath): void {
    // mostly nothing has changed, and stat(2) alone is cheaper
    if (named.seen !== undefined && named.seen === look(named.path)) return;
    const fd = find(named.path);
    if (fd === undefined) {
      named.seen = undefined;
      if (named.known.some(isUnwatched))
        this.#know(
          named,
          named.known.filter((one) => !isUnwatched(one)),
        );
      return;
    }
    try {
      const seen = keyOf(fstatSync(fd, { bigint: true }));
      this.#learn(named, fd);
      named.seen = seen;
    } finally {
      closeSync(fd);
    }
  }

  #learn(named: NamedPath, fd: number): void {
    const key = this.#keyOf(fd);
    if (key === undefined) return;
    const watch = this.#inotify?.add(`/proc/self/fd/${fd}`);
    const isOther = (one: Known): boolean => one.key !== key;
    const known = named.known.filter((one) => !isOther(one) || !isUnwatched(one));
    if (known.every(isOther)) {
      // the first is what was meant when the rules were loaded: a program that makes the path name many files must not get rid of it
      if (known.length >= this.#most) this.#forget(known.splice(1, 1)[0]);
      known.push({ key, watch });
    }
    this.#know(named, known);
  }

  #forget(dropped: Known | undefined): void {
    if (dropped?.watch === undefined) return;
    const isNeeded = ({ watch }: Known): boolean => watch === dropped.watch;
    if (this.#paths.filter(({ known }) => known.some(isNeeded)).length <= 1)
      this.#inotify?.remove(dropped.watch);
  }

  close(): void {
    this.#inotify?.close();
  }
}

const isUnwatched = ({ watch }: Known): boolean => watch === undefined;

/** Undefined where the user has as many instances as the kernel allows: moved files are then protected by name only. */
function openInotify(): Inotify | undefined {
  try {
    return Inotify.open();
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
}

const keyOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;

function look(path: Buffer): string | undefined {
  try {
    return keyOf(statSync(path, { bigint: true }));
  } catch {
    return undefined;
  }
}

/** Undefined where the path leads nowhere: no such entry, a loop, a name too long. */
function find(path: Buffer): number | undefined {
  try {
    return openSync(path, FIND_ONLY);
  } catch {
    return undefined;
  }
}
