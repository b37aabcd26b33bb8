/** The rule sets whose records come: given by the service, kept in the file, and looked up there where the service forgot them. */
import type { StoredGeneration } from "./contract.ts";
import type { Tables } from "./database/tables.ts";
import { RecordKeys } from "./keys/record-keys.ts";
import { StoredGenerations } from "./stored-generations.ts";

export class RuleSets {
  /** What their records are found by. */
  readonly keys = new RecordKeys();
  #given: { readonly ringId: string; readonly list: readonly StoredGeneration[] } | undefined;
  #isStored = false;
  /** Those in whose place the file has others. */
  #displaced: readonly StoredGeneration[] = [];
  /** Ring whose rule sets are looked up in the file. */
  #recalls: number | undefined;

  /** Replaces those given before. */
  give(ringId: string, list: readonly StoredGeneration[]): void {
    this.keys.setGenerations(list);
    this.#given = { ringId, list };
    this.#isStored = false;
  }

  /** In a transaction. */
  store(tables: Tables): void {
    if (this.#given === undefined || this.#isStored) return;
    const { ringId, list } = this.#given;
    const ring = tables.ring(ringId)?.id ?? tables.addRing(ringId, 0);
    const stored = list.filter((generation) => tables.addGeneration(ring, generation));
    // what would be taken for another's is known as nobody's
    this.#displaced = list.filter((generation) => !stored.includes(generation));
    if (stored.length !== this.keys.generations) this.keys.setGenerations(stored);
    this.#isStored = true;
  }

  /** What the service has forgotten of the ring may be in the file. */
  recallFrom({ db }: Tables, ring: number): void {
    if (this.#recalls === ring) return;
    this.#recalls = ring;
    const known = new StoredGenerations(db);
    this.keys.recallBy((site) => {
      const isDisplaced = this.#displaced.some(
        ({ firstSite, sites }) => site >= firstSite && site < firstSite + sites.length,
      );
      const found = isDisplaced ? undefined : known.find(ring, site);
      return found?.sites[site - found.firstSite];
    });
  }

  /** The file is closed, and may be another one next time. */
  letGo(): void {
    this.keys.recallBy(() => undefined);
    this.#recalls = undefined;
    this.#isStored = false;
  }

  /** Deletes those that nothing in the file refers to. In a transaction. */
  clean(tables: Tables): void {
    if (this.#given === undefined) return;
    const { ringId, list } = this.#given;
    tables.deleteUnused(tables.ring(ringId)?.id ?? 0, list[0]?.firstSite ?? 0);
  }
}
