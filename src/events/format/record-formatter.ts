/** Finds the writer of a record's site: what lines of text and JSON lines have in common. */
import { RecordError, RecordReader } from "../record-reader.ts";
import type { Site } from "../site.ts";
import type { TextBuffer } from "../text-buffer.ts";
import type { FormatContext } from "./context.ts";
import type { Writer } from "./param.ts";

export class RecordFormatter {
  private readonly reader = new RecordReader();
  private readonly sites: readonly Writer[];
  private readonly firstSite: number;

  /** Compiles each site once; `context.firstSite` is the number by which records name the first of them. */
  constructor(
    sites: readonly Site[],
    context: FormatContext,
    compile: (site: Site, context: FormatContext) => Writer,
  ) {
    this.sites = sites.map((site) => compile(site, context));
    this.firstSite = context.firstSite ?? 0;
  }

  /**
   * Appends what the record at `offset` (`length` bytes, without the ring's header) makes.
   * Throws RecordError where it is not a record of these sites.
   */
  format(memory: Uint8Array, offset: number, length: number, out: TextBuffer): void {
    this.reader.open(memory, offset, length);
    const write = this.sites[this.reader.site - this.firstSite];
    if (write === undefined) throw new RecordError(`Cannot find site ${this.reader.site}`);
    write(this.reader, out);
  }

  /** Sequence number of the record formatted last. */
  get seq(): number {
    return this.reader.seq;
  }
}
