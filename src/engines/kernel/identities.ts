/** Keeps the map of identities up to date: which files the literal paths of rules name, and have named. */
import type { BpfMap } from "../../bpf/index.ts";
import { IDENTITIES_OF_PATH, identitiesContent, type KernelFacts } from "../../compiler/index.ts";
import { KnownFiles, Repeated, type Steps } from "../names/index.ts";
import { InodeLookup } from "./inode-lookup.ts";
import { Tried } from "./tried.ts";

/** How soon a file that took the place of a named one is recognised by its inode, too; by name it always is. */
const REFRESH_MS = 1000;

export class Identities {
  readonly #map: BpfMap;
  readonly #files: KnownFiles;
  readonly #lookup: InodeLookup;
  readonly #again: Repeated<boolean>;
  #timer: NodeJS.Timeout | undefined;
  /** What fails now is tried again a second later; until then what was known counts. */
  readonly #tried = new Tried("files that took the place of those that rules name are not known");
  /** The map does not have all that is known. */
  #isChanged = true;

  /** `paths` as in CompiledRules. Throws SyscallError. */
  constructor(map: BpfMap, paths: readonly string[], facts: KernelFacts) {
    this.#map = map;
    this.#lookup = new InodeLookup(facts);
    this.#files = new KnownFiles(paths, IDENTITIES_OF_PATH, (fd) => {
      const pair = Buffer.from(this.#lookup.pairOf(fd));
      return pair.readUInt32LE() === 0 ? undefined : pair.toString("latin1");
    });
    this.#again = new Repeated(
      () => this.#files.refreshing(),
      (outcome) => this.#tried.run(() => this.#take(outcome())),
    );
  }

  /** The pairs are in the map when all steps are done, and are kept up to date from then on. Throws SyscallError. */
  *learn(): Steps<void> {
    yield* this.#files.refreshing();
    this.#write();
    this.#files.onEnd(this.#again.ask);
    this.#timer = setInterval(this.#again.ask, REFRESH_MS).unref();
  }

  /** Why the map is not up to date; undefined: it is. */
  get problem(): string | undefined {
    return this.#tried.problem;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#again.close();
    this.#files.close();
    this.#lookup.close();
  }

  #take(hasChanged: boolean): void {
    if (hasChanged) this.#isChanged = true;
    if (this.#isChanged) this.#write();
  }

  #write(): void {
    const pairs = this.#files.keys().map((keys) => keys.map((key) => Buffer.from(key, "latin1")));
    this.#map.update(0, identitiesContent(pairs));
    this.#isChanged = false;
  }
}
