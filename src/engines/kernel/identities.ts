/** Keeps the map of identities up to date: which files the literal paths of rules name, and have named. */
import type { BpfMap } from "../../bpf/index.ts";
import { IDENTITIES_OF_PATH, IDENTITY_SIZE, type KernelFacts } from "../../compiler/index.ts";
import { KnownFiles } from "../names/index.ts";
import { InodeLookup } from "./inode-lookup.ts";
import { Tried } from "./tried.ts";

/** How soon a file that took the place of a named one is recognised by its inode, too; by name it always is. */
const REFRESH_MS = 1000;

export class Identities {
  readonly #map: BpfMap;
  readonly #files: KnownFiles;
  readonly #lookup: InodeLookup;
  readonly #timer: NodeJS.Timeout;
  /** What fails now is tried again a second later; until then what was known counts. */
  readonly #tried = new Tried(
    "files that took the place of those that rules name are not known",
    () => this.#refresh(),
  );
  /** The map does not have all that is known. */
  #isChanged = true;

  /** Writes the pairs at once. `paths` as in CompiledRules. Throws SyscallError. */
  constructor(map: BpfMap, paths: readonly string[], facts: KernelFacts) {
    this.#map = map;
    this.#lookup = new InodeLookup(facts);
    this.#files = new KnownFiles(paths, IDENTITIES_OF_PATH, (fd) => {
      const pair = Buffer.from(this.#lookup.pairOf(fd));
      return pair.readUInt32LE() === 0 ? undefined : pair.toString("latin1");
    });
    this.#timer = setInterval(this.#tried.run, REFRESH_MS).unref();
    try {
      this.#files.onEnd(this.#tried.run);
      this.#files.refresh();
      this.#write();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Why the map is not up to date; undefined: it is. */
  get problem(): string | undefined {
    return this.#tried.problem;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#files.close();
    this.#lookup.close();
  }

  #refresh(): void {
    if (this.#files.refresh()) this.#isChanged = true;
    if (this.#isChanged) this.#write();
  }

  #write(): void {
    const keys = this.#files.keys();
    const size = IDENTITIES_OF_PATH * IDENTITY_SIZE;
    const value = Buffer.alloc(keys.length * size);
    for (const [i, pairs] of keys.entries())
      for (const [j, pair] of pairs.entries())
        value.write(pair, i * size + j * IDENTITY_SIZE, "latin1");
    this.#map.update(0, value);
    this.#isChanged = false;
  }
}
