/**
 * Keeps the map of identities up to date: which files the literal paths of rules name, and have named. Moving a file, or a
 * directory on the way, or mounting something over it makes the path name another file or none; what it named before
 * stays protected until it is gone, so that its number cannot hit a file that gets it next.
 */
import { type BigIntStats, closeSync, fstatSync, openSync, statSync } from "node:fs";
import type { BpfMap } from "../../bpf/index.ts";
import { IDENTITIES_OF_PATH, IDENTITY_SIZE, type KernelFacts } from "../../compiler/index.ts";
import { Inotify, SyscallError } from "../../sys/index.ts";
import { InodeLookup } from "./inode-lookup.ts";

/** How soon a file that took the place of a named one is recognised by its inode, too; by name it always is. */
const REFRESH_MS = 1000;
/** O_PATH | O_CLOEXEC: nothing is opened, only found. */
const FIND_ONLY = 0o10000000 | 0o2000000;

interface Known {
  readonly pair: Uint8Array;
  /** Without a watch nobody tells when the file is gone: such a pair is kept while the path names it. */
  readonly watch: number | undefined;
}

interface NamedPath {
  readonly path: Buffer;
  known: readonly Known[];
  /** What stat(2) told of the file named last; undefined: to be looked up. */
  seen: string | undefined;
}

export class Identities {
  readonly #map: BpfMap;
  readonly #paths: readonly NamedPath[];
  readonly #lookup: InodeLookup;
  readonly #inotify: Inotify | undefined;
  readonly #timer: NodeJS.Timeout;
  /** The map does not have all that is known. */
  #isChanged = true;

  /** Writes the pairs at once. `paths` as in CompiledRules. Throws SyscallError. */
  constructor(map: BpfMap, paths: readonly string[], facts: KernelFacts) {
    this.#map = map;
    this.#paths = paths.map((path) => ({
      path: Buffer.from(path, "latin1"),
      known: [],
      seen: undefined,
    }));
    this.#lookup = new InodeLookup(facts);
    this.#inotify = openInotify();
    this.#timer = setInterval(() => this.#refreshQuietly(), REFRESH_MS).unref();
    try {
      this.#inotify?.onEnd(() => this.#refreshQuietly());
      for (const named of this.#paths) this.#find(named);
      this.#write();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#inotify?.close();
    this.#lookup.close();
  }

  /** What fails now is tried again a second later; until then what was known counts. */
  #refreshQuietly(): void {
    try {
      this.#forgetEnded();
      for (const named of this.#paths) this.#find(named);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
    }
    if (this.#isChanged) this.#write();
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
    this.#isChanged = true;
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
    const pair = this.#lookup.pairOf(fd);
    if (Buffer.from(pair).readUInt32LE() === 0) return;
    const watch = this.#inotify?.add(`/proc/self/fd/${fd}`);
    const isOther = (one: Known): boolean => Buffer.compare(one.pair, pair) !== 0;
    const known = named.known.filter((one) => !isOther(one) || !isUnwatched(one));
    if (known.every(isOther)) {
      // the first is what was meant when the rules were loaded: whoever makes the path name many files must not get rid of it
      if (known.length >= IDENTITIES_OF_PATH) this.#forget(known.splice(1, 1)[0]);
      known.push({ pair, watch });
    }
    this.#know(named, known);
  }

  #forget(dropped: Known | undefined): void {
    if (dropped?.watch === undefined) return;
    const isNeeded = ({ watch }: Known): boolean => watch === dropped.watch;
    if (this.#paths.filter(({ known }) => known.some(isNeeded)).length <= 1)
      this.#inotify?.remove(dropped.watch);
  }

  #write(): void {
    const size = IDENTITIES_OF_PATH * IDENTITY_SIZE;
    const value = Buffer.alloc(this.#paths.length * size);
    this.#paths.forEach(({ known }, i) => {
      known.forEach(({ pair }, j) => {
        value.set(pair, i * size + j * IDENTITY_SIZE);
      });
    });
    this.#map.update(0, value);
    this.#isChanged = false;
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
