/**
 * Reports that could not be stored yet, added up, so that a disk that stays full does not fill memory instead. They are
 * kept in a file on another disk as well, for the next service. Its descriptor is held from the start: the cause may be
 * that there are no descriptors. One line, written in place by one call, which a kill does not cut.
 */
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Report } from "./contract.ts";

const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
const SAVE_MS = 1000;

/** Of a ring. */
interface Place {
  readonly ringId: string;
  /** What lies before it is stored or counted. */
  readonly position: number;
  /** What of the ring's own losses is told with these reports. */
  readonly told?: string;
}

interface Saved {
  readonly reports: Report[];
  readonly place: Place;
}

export class PendingReports {
  #reports: Report[] = [];
  #place: Place | undefined;
  readonly #file: string | undefined;
  #fd: number | undefined;
  #isSaved = true;
  #savedAt = Number.NEGATIVE_INFINITY;

  /** Goes on with what is in the file; without one nothing outlives the service. */
  constructor(file?: string) {
    this.#file = file;
    this.#read();
  }

  get all(): readonly Report[] {
    return this.#reports;
  }

  placeIn(ringId: string): Place | undefined {
    return this.#place?.ringId === ringId ? this.#place : undefined;
  }

  get place(): Place | undefined {
    return this.#place;
  }

  add(report: Report): void {
    this.#isSaved = false;
    const { kind, where } = report;
    const at = this.#reports.findIndex((other) => other.kind === kind && other.where === where);
    const known = this.#reports[at];
    if (known === undefined) this.#reports.push({ ...report, atMs: report.atMs ?? Date.now() });
    else this.#reports[at] = sum(known, report);
  }

  setPlace(place: Place): void {
    this.#isSaved = false;
    this.#place = { ...this.placeIn(place.ringId), ...place };
  }

  /** They are stored. Killed before this the service tells them twice, which is better than never. */
  clear(): void {
    if (this.#place === undefined) return;
    this.#reports = [];
    this.#place = undefined;
    this.#write("");
  }

  /** Writes what has changed, not more often than once a second unless it `must`. */
  save(must = false): void {
    if (this.#isSaved) return;
    if (!must && performance.now() - this.#savedAt < SAVE_MS) return;
    if (this.#place === undefined) return;
    const saved: Saved = { reports: this.#reports, place: this.#place };
    this.#write(`${JSON.stringify(saved)}\n`);
  }

  close(): void {
    this.save(true);
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #write(text: string): void {
    this.#savedAt = performance.now();
    try {
      const fd = this.#open();
      if (fd === undefined) return;
      const bytes = Buffer.from(text);
      if (bytes.length > 0 && writeSync(fd, bytes, 0, bytes.length, 0) < bytes.length) return;
      ftruncateSync(fd, bytes.length);
      this.#isSaved = true;
    } catch (error) {
      // it is tried again with the next change, or in a second
      if (!isOfFiles(error)) throw error;
    }
  }

  #open(): number | undefined {
    if (this.#file === undefined) return undefined;
    this.#fd ??= openSync(this.#file, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    return this.#fd;
  }

  #read(): void {
    try {
      const fd = this.#open();
      if (fd === undefined) return;
      const [line = "", ...rest] = readFileSync(fd, "utf8").split("\n");
      if (rest.length === 0) return;
      const { reports, place }: Partial<Saved> = JSON.parse(line) ?? {};
      if (!Array.isArray(reports) || place === undefined) return;
      this.#reports = reports;
      this.#place = place;
    } catch (error) {
      // what is damaged says nothing
      if (!isOfFiles(error) && !(error instanceof SyntaxError)) throw error;
    }
  }
}

function isOfFiles(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

/** Both together, at the time of the earlier one. */
function sum(a: Report, b: Report): Report {
  const rules = new Map(Object.entries(a.rules));
  for (const [rule, count] of Object.entries(b.rules))
    rules.set(rule, (rules.get(rule) ?? 0) + count);
  return { ...a, total: a.total + b.total, rules: Object.fromEntries(rules) };
}
