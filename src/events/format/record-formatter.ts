/** Finds the writer of a record's site: what lines of text and JSON lines have in common. */
import { RecordError, RecordReader } from "../record-reader.ts";
import type { Site } from "../site.ts";
import type { TextBuffer } from "../text-buffer.ts";
import type { FormatContext } from "./context.ts";
import type { Writer } from "./param.ts";

/** Writers that are kept; of a thousand rules only a few are seen, and one of each site would take a hundred MB. */
const MAX_WRITERS = 1000;

export class RecordFormatter {
  readonly #reader = new RecordReader();
  readonly #sites: readonly Site[];
  readonly #context: FormatContext;
  readonly #compile: (site: Site, context: FormatContext) => Writer;
  /** Compiled when a site is first seen. */
  readonly #writers = new Map<number, Writer>();
  #lastSite = -1;
  #lastWriter: Writer | undefined;

  /** `context.firstSite` is the number by which records name the first of the sites. */
  constructor(
    sites: readonly Site[],
    context: FormatContext,
    compile: (site: Site, context: FormatContext) => Writer,
  ) {
    this.#sites = sites;
    this.#context = context;
    this.#compile = compile;
  }

  /**
   * Appends what the record at `offset` (`length` bytes, without the ring's header) makes.
   * Throws RecordError where it is not a record of these sites.
   */
  format(memory: Uint8Array, offset: number, length: number, out: TextBuffer): void {
    this.#reader.open(memory, offset, length);
    const { site } = this.#reader;
    if (site !== this.#lastSite || this.#lastWriter === undefined) {
      this.#lastWriter = this.#writers.get(site) ?? this.#compileSite(site);
      this.#lastSite = site;
    }
    this.#lastWriter(this.#reader, out);
  }

  #compileSite(number: number): Writer {
    const site = this.#sites[number - (this.#context.firstSite ?? 0)];
    if (site === undefined) throw new RecordError(`Cannot find site ${number}`);
    if (this.#writers.size >= MAX_WRITERS) this.#writers.clear();
    const writer = this.#compile(site, this.#context);
    this.#writers.set(number, writer);
    return writer;
  }

  /** Sequence number of the record formatted last. */
  get seq(): number {
    return this.#reader.seq;
  }
}
