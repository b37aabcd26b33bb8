/** What is made of the records of a run: each form once, when it is first asked for. */
import { freeOwn } from "../../base/free-memory.ts";
import { RecordError, type SctEvent, TextBuffer } from "../../events/index.ts";
import { type Format, type LineSpan, safeLine } from "../../sinks/index.ts";

/** Bytes of lines for a byte of a record, about. */
const GROWTH = { text: 1, json: 3 } as const;
/** What an object takes that was parsed from a line, about. */
const EVENT_BYTES = 4096;
const NONE = -1;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Writes the record with this number. Throws RecordError. */
export type WriteRecord = (index: number, form: Format, out: TextBuffer) => void;

export class RunForms {
  /** Memory that they take. */
  size = 0;
  readonly #lines: Readonly<Record<Format, Lines>>;
  readonly #events: SctEvent[] = [];

  /** Of `count` records of `bytes` together. */
  constructor(count: number, bytes: number, write: WriteRecord) {
    const lines = (format: Format) => new Lines(count, bytes * GROWTH[format], format, write);
    this.#lines = { text: lines("text"), json: lines("json") };
  }

  /** Undefined: the record has no such line. */
  line(index: number, format: Format): Uint8Array | undefined {
    const lines = this.#lines[format];
    const before = lines.size;
    const line = lines.of(index);
    this.size += lines.size - before;
    return line;
  }

  /** As Run.lines. */
  lines(
    from: number,
    to: number,
    format: Format,
    wants: (index: number) => boolean,
    most: number,
  ): LineSpan {
    const lines = this.#lines[format];
    const before = lines.size;
    const span = lines.span(from, to, wants, most);
    this.size += lines.size - before;
    return span;
  }

  /** The line without its end. */
  string(index: number, format: Format): string {
    return utf8.decode(this.line(index, format)?.subarray(0, -1));
  }

  /** Gives the memory of lines back. */
  dispose(): void {
    this.#lines.text.dispose();
    this.#lines.json.dispose();
  }

  event(index: number): SctEvent {
    const known = this.#events[index];
    if (known !== undefined) return known;
    const event = JSON.parse(this.string(index, "json")) as SctEvent;
    this.#events[index] = event;
    this.size += EVENT_BYTES;
    return event;
  }
}

/** Lines of one format, one behind the other in the order in which they were asked for. */
class Lines {
  readonly #count: number;
  readonly #capacity: number;
  readonly #format: Format;
  readonly #write: WriteRecord;
  #out: TextBuffer | undefined;
  /** Start and end of each line. */
  #places = new Int32Array(0);

  constructor(count: number, capacity: number, format: Format, write: WriteRecord) {
    this.#count = count;
    this.#capacity = capacity;
    this.#format = format;
    this.#write = write;
  }

  get size(): number {
    return (this.#out?.bytes.length ?? 0) + this.#places.byteLength;
  }

  dispose(): void {
    if (this.#out === undefined) return;
    freeOwn(this.#out.bytes);
    freeOwn(this.#places);
    this.#out = undefined;
  }

  of(index: number): Uint8Array | undefined {
    const out = this.#have(index);
    const [start, end] = [this.#start(index), this.#end(index)];
    return start === end ? undefined : out.bytes.subarray(start, end);
  }

  span(from: number, to: number, wants: (index: number) => boolean, most: number): LineSpan {
    let [start, end, count, index] = [NONE, NONE, 0, from];
    for (; index < to; index++) {
      if (!wants(index)) continue;
      if (!this.#canHave(index)) break;
      const [lineStart, lineEnd] = [this.#start(index), this.#end(index)];
      if (lineEnd > lineStart) {
        if (start === NONE) start = lineStart;
        else if (lineStart !== end || lineEnd - start > most) break;
        end = lineEnd;
      }
      count++;
    }
    const bytes = start === NONE ? undefined : this.#out?.bytes.subarray(start, end);
    return { bytes, count, end: index };
  }

  #start(index: number): number {
    return this.#places[2 * index] ?? NONE;
  }

  #end(index: number): number {
    return this.#places[2 * index + 1] ?? NONE;
  }

  /** False: it cannot be written; a request for it alone gets the reason. */
  #canHave(index: number): boolean {
    try {
      this.#have(index);
      return true;
    } catch (error) {
      if (error instanceof RecordError) return false;
      throw error;
    }
  }

  #have(index: number): TextBuffer {
    if (this.#out === undefined) {
      this.#out = new TextBuffer(this.#capacity);
      this.#places = new Int32Array(2 * this.#count).fill(NONE);
    }
    if (this.#start(index) === NONE) this.#make(index, this.#out);
    return this.#out;
  }

  #make(index: number, out: TextBuffer): void {
    const start = out.length;
    try {
      this.#write(index, this.#format, out);
    } catch (error) {
      out.length = start;
      throw error;
    }
    const made = out.bytes.subarray(start, out.length);
    const line = safeLine(made, this.#format);
    if (line !== made) {
      out.length = start;
      if (line !== undefined) out.append(line);
    }
    this.#places[2 * index] = start;
    this.#places[2 * index + 1] = out.length;
  }
}
