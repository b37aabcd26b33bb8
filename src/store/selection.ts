/** Which events are asked for: by the filter of a batch at first, then record by record. */

import { isPattern } from "../base/name-pattern.ts";
import { encodeText, type RecordReader } from "../events/index.ts";
import { RecordOffset, TailStatus } from "../events/layout.ts";
import type { Site } from "../events/site.ts";
import type { Report } from "./contract.ts";
import { filterCondition } from "./keys/filter-condition.ts";
import { mayContain } from "./keys/key-filter.ts";
import { hashNumber, hashText, KeyKind } from "./keys/keys.ts";
import { PathFinder } from "./keys/path-finder.ts";
import { MAX_PATHS } from "./keys/record-keys.ts";
import { type SiteQuery, SiteTest } from "./keys/site-test.ts";

/**
 * Conditions on different things must all hold; of several values for one thing, any will do. In names a byte that is
 * not UTF-8 is U+DC00 + byte, as in events.
 */
export interface Query extends SiteQuery {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly pids: readonly number[];
  /** Real user ids. */
  readonly uids?: readonly number[] | undefined;
  readonly comms: readonly string[];
  /** Executables: whole names, or the last part of them. */
  readonly exes?: readonly string[] | undefined;
  /** As the call named them, or as the kernel resolved them. */
  readonly paths: readonly string[];
}

const SLASH = 0x2f;

export class Selection {
  readonly sinceUs: number;
  readonly untilUs: number;
  readonly #sites: SiteTest;
  readonly #asksForRules: boolean;
  readonly #pids: ReadonlySet<number>;
  readonly #uids: ReadonlySet<number>;
  readonly #exes: readonly Uint8Array[];
  readonly #comms: readonly Uint8Array[];
  readonly #paths: readonly Uint8Array[];
  /** One of each group must be in a batch. */
  readonly #hashes: readonly (readonly number[])[];

  constructor(query: Query) {
    const { rules, pids, comms, paths, uids = [], exes = [] } = query;
    this.sinceUs = (query.sinceMs ?? Number.NEGATIVE_INFINITY) * 1000;
    this.untilUs = (query.untilMs ?? Number.POSITIVE_INFINITY) * 1000;
    this.#sites = new SiteTest(query);
    this.#asksForRules = rules.length > 0;
    this.#pids = new Set(pids);
    this.#uids = new Set(uids);
    this.#exes = exes.map((exe) => encodeText(exe));
    this.#comms = comms.map((comm) => encodeText(comm));
    this.#paths = paths.map((path) => encodeText(path));
    this.#hashes = [
      rules.some(isPattern) ? [] : rules.map((rule) => hashText(KeyKind.rule, rule)),
      pids.map((pid) => hashNumber(KeyKind.pid, pid)),
      comms.map((comm) => hashText(KeyKind.comm, comm)),
      paths.map((path) => hashText(KeyKind.path, path)),
    ].filter((group) => group.length > 0);
  }

  /** The same in SQL, for most of the batches that have not. */
  get condition(): string {
    return filterCondition(this.#hashes);
  }

  /** False: the batch with this filter has no such event. */
  mayHold(keys: Uint8Array): boolean {
    return this.#hashes.every((group) => group.some((hash) => mayContain(keys, hash)));
  }

  /** Of a batch: which records are worth to be asked about. */
  finder(bytes: Uint8Array): PathFinder {
    return new PathFinder(bytes, this.#paths);
  }

  /** Whether the record, made by `site` at this wall-clock time, is asked for. */
  holds(record: RecordReader, site: Site, atUs: number): boolean {
    if (atUs < this.sinceUs || atUs > this.untilUs) return false;
    if (!this.#sites.holds(site)) return false;
    if (this.#pids.size > 0 && !this.#pids.has(record.u32(RecordOffset.pid))) return false;
    if (this.#uids.size > 0 && !this.#uids.has(record.u32(RecordOffset.uid))) return false;
    return this.#holdsComm(record) && this.#holdsExe(record) && this.#holdsPath(record, site);
  }

  /** Reports of losses are given unless all that is missing belongs to rules that were not asked for. */
  holdsReport(report: Report, atUs: number): boolean {
    if (atUs < this.sinceUs || atUs > this.untilUs) return false;
    if (!this.#asksForRules) return true;
    const known = Object.entries(report.rules);
    const sum = known.reduce((total, [, count]) => total + count, 0);
    return sum < report.total || known.some(([rule]) => this.#sites.holdsRule(rule));
  }

  #holdsComm(record: RecordReader): boolean {
    if (this.#comms.length === 0) return true;
    const start = record.nameStart(RecordOffset.comm);
    const end = record.nameEnd(RecordOffset.comm);
    return this.#comms.some((comm) => equals(comm, record.memory, start, end));
  }

  #holdsExe(record: RecordReader): boolean {
    if (this.#exes.length === 0) return true;
    const slot = record.objectSlot("exe");
    if (!isText(record.objectStatus(slot))) return false;
    const start = record.objectStart(slot);
    const end = record.objectEnd(slot);
    const { memory } = record;
    return this.#exes.some((exe) => {
      const at = exe.includes(SLASH) ? start : memory.lastIndexOf(SLASH, end - 1) + 1;
      return equals(exe, memory, Math.max(at, start), end);
    });
  }

  #holdsPath(record: RecordReader, site: Site): boolean {
    if (this.#paths.length === 0) return true;
    for (const [i, { type }] of site.presentation.params.entries()) {
      const index = i + 1;
      if (type.kind !== "path" || !isText(record.textStatus(index))) continue;
      if (this.#isPath(record, record.textStart(index), record.textEnd(index))) return true;
    }
    for (let nth = 0; nth < MAX_PATHS; nth++) {
      const slot = record.objectSlot("path", nth);
      if (!isText(record.objectStatus(slot))) continue;
      if (this.#isPath(record, record.objectStart(slot), record.objectEnd(slot))) return true;
    }
    return false;
  }

  #isPath({ memory }: RecordReader, start: number, end: number): boolean {
    return this.#paths.some((path) => equals(path, memory, start, end));
  }
}

function isText(status: number): boolean {
  return status === TailStatus.ok || status === TailStatus.truncated;
}

function equals(a: Uint8Array, memory: Uint8Array, start: number, end: number): boolean {
  if (a.length !== end - start) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== memory[start + i]) return false;
  return true;
}
