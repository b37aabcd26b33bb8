/**
 * Reports that could not be stored yet, added up, so that a disk that stays full does not fill memory instead. They are
 * kept for the next service as well: in a note that needs no disk, at each change, and in a file on another disk, which
 * outlives the note, once a second. The file's descriptor is held from the start: the cause may be that there are no
 * descriptors. One line, written in place by one call, which a kill does not cut.
 */
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Note, Report } from "./contract.ts";

const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
const SAVE_MS = 1000;

/** Of a ring. */
interface Place {
  readonly ringId: string;
  /** What lies before it is stored or counted. */
  readonly position: number;
  /** What of the ring's own losses these reports cover. */
  readonly reportedLosses?: string;
}

interface Saved {
  readonly reports: Report[];
  readonly place: Place;
}

export class PendingReports {
  #reports: Report[] = [];
  #place: Place | undefined;
  readonly #file: string | undefined;
  readonly #note: Note | undefined;
  #fd: number | undefined;
  #isNoted = true;
  #isSaved = true;
  #savedAt = Number.NEGATIVE_INFINITY;

  /** Continues with what is in the note, or else in the file; without either nothing outlives the service. */
  constructor(file?: string, note?: Note) {
    this.#file = file;
    this.#note = note;
    this.#take(note?.read() ?? this.#readFile());
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
    this.#isNoted = this.#isSaved = false;
    const { kind, where } = report;
    const at = this.#reports.findIndex((other) => other.kind === kind && other.where === where);
    const known = this.#reports[at];
    if (known === undefined) this.#reports.push({ ...report, atMs: report.atMs ?? Date.now() });
    else this.#reports[at] = sum(known, report);
  }

  setPlace(place: Place): void {
    this.#isNoted = this.#isSaved = false;
    this.#place = { ...this.placeIn(place.ringId), ...place };
  }

  /** They are stored. Killed before this the service reports them twice, which is better than never. */
  clear(): void {
    if (this.#place === undefined) return;
    this.#reports = [];
    this.#place = undefined;
    this.#note?.write("");
    this.#write("");
  }

  /** Writes what has changed, to the file not more often than once a second unless it `must`. */
  save(must = false): void {
    const place = this.#place;
    if (place === undefined) return;
    const text = (reports: readonly Report[]): string => `${JSON.stringify({ reports, place })}\n`;
    if (!this.#isNoted && this.#note !== undefined)
      this.#isNoted =
        this.#note.write(text(this.#reports)) ||
        // how many there are matters more than whose they are
        this.#note.write(text(this.#reports.map((report) => ({ ...report, rules: {} }))));
    if (this.#isSaved) return;
    if (must || performance.now() - this.#savedAt >= SAVE_MS) this.#write(text(this.#reports));
  }

  /** Returns how many events nobody will be notified of unless the note is there for the next service. */
  close(): number {
    this.save(true);
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    return this.#isSaved ? 0 : this.#reports.reduce((sum, { total }) => sum + total, 0);
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

  #readFile(): string {
    try {
      const fd = this.#open();
      return fd === undefined ? "" : readFileSync(fd, "utf8");
    } catch (error) {
      if (!isOfFiles(error)) throw error;
      return "";
    }
  }

  /** What is damaged says nothing. */
  #take(text: string): void {
    const [line = "", ...rest] = text.split("\n");
    if (rest.length === 0) return;
    try {
      const { reports, place }: Partial<Saved> = JSON.parse(line) ?? {};
      if (!Array.isArray(reports) || place === undefined) return;
      this.#reports = reports;
      this.#place = place;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
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
