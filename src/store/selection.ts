/** Which events are asked for: by the filter of a batch at first, then record by record. */
import { encodeText, type RecordReader } from "../events/index.ts";
import { RecordOffset, TailStatus } from "../events/layout.ts";
import type { Site } from "../events/site.ts";
import type { Report } from "./contract.ts";
import { filterCondition } from "./filter-condition.ts";
import { mayContain } from "./key-filter.ts";
import { hashNumber, hashText, KeyKind } from "./keys.ts";
import { PathFinder } from "./path-finder.ts";

/**
 * Conditions on different things must all hold; of several values for one thing, any will do. In names a byte that is
 * not UTF-8 is U+DC00 + byte, as in events.
 */
export interface Query {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly rules: readonly string[];
  readonly pids: readonly number[];
  readonly comms: readonly string[];
  /** As the call named them, or as the kernel resolved them. */
  readonly paths: readonly string[];
}

/** More path parameters than any call has. */
const MAX_PATHS = 6;

export class Selection {
  readonly sinceUs: number;
  readonly untilUs: number;
  readonly #rules: ReadonlySet<string>;
  readonly #pids: ReadonlySet<number>;
  readonly #comms: readonly Uint8Array[];
  readonly #paths: readonly Uint8Array[];
  /** One of each group must be in a batch. */
  readonly #hashes: readonly (readonly number[])[];

  constructor(query: Query) {
    const { rules, pids, comms, paths } = query;
    this.sinceUs = (query.sinceMs ?? Number.NEGATIVE_INFINITY) * 1000;
    this.untilUs = (query.untilMs ?? Number.POSITIVE_INFINITY) * 1000;
    this.#rules = new Set(rules);
    this.#pids = new Set(pids);
    this.#comms = comms.map((comm) => encodeText(comm));
    this.#paths = paths.map((path) => encodeText(path));
    this.#hashes = [
      rules.map((rule) => hashText(KeyKind.rule, rule)),
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
    if (this.#rules.size > 0 && !this.#rules.has(site.rule.name)) return false;
    if (this.#pids.size > 0 && !this.#pids.has(record.u32(RecordOffset.pid))) return false;
    return this.#holdsComm(record) && this.#holdsPath(record, site);
  }

  /** Reports of losses are told unless all that is missing belongs to rules that were not asked for. */
  holdsReport(report: Report, atUs: number): boolean {
    if (atUs < this.sinceUs || atUs > this.untilUs) return false;
    if (this.#rules.size === 0) return true;
    const known = Object.entries(report.rules);
    const sum = known.reduce((total, [, count]) => total + count, 0);
    return sum < report.total || known.some(([rule]) => this.#rules.has(rule));
  }

  #holdsComm(record: RecordReader): boolean {
    if (this.#comms.length === 0) return true;
    const start = record.nameStart(RecordOffset.comm);
    const end = record.nameEnd(RecordOffset.comm);
    return this.#comms.some((comm) => equals(comm, record.memory, start, end));
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
