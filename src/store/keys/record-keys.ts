/** Takes out of a record what its batch is found by: times, rule, process, thread name, paths. */

import { RecordReader } from "../../events/index.ts";
import { COMM_SIZE, RecordOffset, TailStatus } from "../../events/layout.ts";
import type { Site } from "../../events/site.ts";
import type { StoredGeneration } from "../contract.ts";
import type { KeySet } from "./key-set.ts";
import { hashBytes, hashNumber, hashText, KeyKind } from "./keys.ts";

/** What is the same for all records of a site. */
interface SiteKeys {
  readonly rule: string;
  readonly ruleHash: number;
  /** Indices of parameters that are paths. */
  readonly paths: readonly number[];
}

const MAX_RECALLED = 10_000;
/** More path parameters than any call has. */
export const MAX_PATHS = 6;

export class RecordKeys {
  readonly #reader = new RecordReader();
  #given: readonly StoredGeneration[] = [];
  /** Of sites that had records; hashing the names of all of a large rule set at once would keep its process from other work. */
  readonly #sites = new Map<number, SiteKeys>();
  /** Sites of rule sets that it was not given; undefined: nobody knows it. */
  readonly #recalled = new Map<number, SiteKeys | undefined>();
  #recall: (site: number) => Site | undefined = () => undefined;
  /** pid and comm of the record before: mostly the same again. */
  #lastPid = -1;
  readonly #lastComm = new Uint8Array(COMM_SIZE);
  #lastTarget: KeySet | undefined;

  /** How many rule sets it was given. */
  get generations(): number {
    return this.#given.length;
  }

  /** Replaces the rule sets whose records may come. */
  setGenerations(generations: readonly StoredGeneration[]): void {
    this.#given = generations;
    this.#sites.clear();
    this.#recalled.clear();
  }

  /** Where else a site may be known: records that an earlier service left have their rule set in the history. */
  recallBy(recall: (site: number) => Site | undefined): void {
    this.#recalled.clear();
    this.#recall = recall;
  }

  /** Name of the rule that made the record of the last `add`; undefined: nobody knows. */
  get rule(): string | undefined {
    return this.#find(this.#reader.site)?.rule;
  }

  /** Number of the site that made the record of the last `add`. */
  get site(): number {
    return this.#reader.site;
  }

  /** Boot time in ns of the record of the last `add`. */
  get time(): number {
    return this.#reader.double(RecordOffset.time);
  }

  /** Forgets what was found last; for a new or an emptied target. */
  reset(): void {
    this.#lastTarget = undefined;
  }

  /** Adds the record's values to the target. Throws RecordError for what is no record. */
  add(bytes: Uint8Array, offset: number, length: number, target: KeySet): void {
    const reader = this.#reader;
    reader.open(bytes, offset, length);
    const site = this.#find(reader.site);
    if (site !== undefined) target.add(site.ruleHash);
    this.#addCaller(target);
    for (const index of site?.paths ?? []) {
      const status = reader.textStatus(index);
      if (status === TailStatus.ok || status === TailStatus.truncated)
        target.add(hashBytes(KeyKind.path, bytes, reader.textStart(index), reader.textEnd(index)));
    }
    for (let nth = 0; nth < MAX_PATHS; nth++) {
      const slot = reader.objectSlot("path", nth);
      const status = reader.objectStatus(slot);
      if (status === TailStatus.ok || status === TailStatus.truncated)
        target.add(
          hashBytes(KeyKind.path, bytes, reader.objectStart(slot), reader.objectEnd(slot)),
        );
    }
  }

  #find(site: number): SiteKeys | undefined {
    const known = this.#sites.get(site);
    if (known !== undefined || this.#recalled.has(site)) return known ?? this.#recalled.get(site);
    const given = this.#findGiven(site);
    if (given !== undefined) {
      const keys = keysOfSite(given);
      this.#sites.set(site, keys);
      return keys;
    }
    const recalled = this.#recall(site);
    const keys = recalled && keysOfSite(recalled);
    if (this.#recalled.size >= MAX_RECALLED) this.#recalled.clear();
    this.#recalled.set(site, keys);
    return keys;
  }

  /** Of the last set that has it. */
  #findGiven(site: number): Site | undefined {
    for (const { firstSite, sites } of this.#given.toReversed()) {
      const found = sites[site - firstSite];
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #addCaller(target: KeySet): void {
    const reader = this.#reader;
    const pid = reader.u32(RecordOffset.pid);
    if (
      target === this.#lastTarget &&
      pid === this.#lastPid &&
      reader.equals(RecordOffset.comm, this.#lastComm)
    )
      return;
    this.#lastTarget = target;
    this.#lastPid = pid;
    reader.copy(RecordOffset.comm, this.#lastComm);
    target.add(hashNumber(KeyKind.pid, pid));
    const { comm } = RecordOffset;
    target.add(
      hashBytes(KeyKind.comm, reader.memory, reader.nameStart(comm), reader.nameEnd(comm)),
    );
  }
}

function keysOfSite({ rule, presentation }: Site): SiteKeys {
  const paths = presentation.params.flatMap((param, i) =>
    param.type.kind === "path" ? [i + 1] : [],
  );
  return { rule: rule.name, ruleHash: hashText(KeyKind.rule, rule.name), paths };
}
