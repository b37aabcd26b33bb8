/** Keeps the map of identities up to date: which files the literal paths of rules name, and have named. */
import type { BpfMap } from "../../bpf/index.ts";
import { IDENTITIES_OF_PATH, IDENTITY_SIZE, type KernelFacts } from "../../compiler/index.ts";
import { SyscallError } from "../../sys/index.ts";
import { KnownFiles } from "../names/index.ts";
import { InodeLookup } from "./inode-lookup.ts";

/** How soon a file that took the place of a named one is recognised by its inode, too; by name it always is. */
const REFRESH_MS = 1000;

export class Identities {
  readonly #map: BpfMap;
  readonly #files: KnownFiles;
  readonly #lookup: InodeLookup;
  readonly #timer: NodeJS.Timeout;
  /** The map does not have all that is known. */
  #isChanged = true;

  /** Writes the pairs at once. `paths` as in CompiledRules. Throws SyscallError. */
  constructor(map: BpfMap, paths: readonly string[], facts: KernelFacts) {
    this.#map = map;
    this.#lookup = new InodeLookup(facts);
    this.#files = new KnownFiles(paths, (fd) => {
      const pair = Buffer.from(this.#lookup.pairOf(fd));
      return pair.readUInt32LE() === 0 ? undefined : pair.toString("latin1");
    });
    this.#timer = setInterval(() => this.#refreshQuietly(), REFRESH_MS).unref();
    try {
      this.#files.onEnd(() => this.#refreshQuietly());
      this.#files.refresh();
      this.#write();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#files.close();
    this.#lookup.close();
  }

  /** What fails now is tried again a second later; until then what was known counts. */
  #refreshQuietly(): void {
    try {
      if (this.#files.refresh()) this.#isChanged = true;
      if (this.#isChanged) this.#write();
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
    }
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
