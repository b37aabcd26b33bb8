/** A record as the SctEvent object that the library hands out. */
import type { SctEvent } from "./event.ts";
import type { FormatContext } from "./format/context.ts";
import { JsonFormatter } from "./format/json.ts";
import type { Site } from "./site.ts";
import { TextBuffer } from "./text-buffer.ts";

/**
 * The object is parsed from the JSON line: one definition of both, and JSON.parse makes objects of one shape
 * faster than code that reads the record field by field with a string for each.
 */
export class EventDecoder {
  readonly #formatter: JsonFormatter;
  readonly #out = new TextBuffer();

  constructor(sites: readonly Site[], context: FormatContext) {
    this.#formatter = new JsonFormatter(sites, context);
  }

  decode(memory: Uint8Array, offset: number, length: number): SctEvent {
    this.#out.clear();
    this.#formatter.format(memory, offset, length, this.#out);
    return JSON.parse(utf8.decode(this.#out.view())) as SctEvent;
  }
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
