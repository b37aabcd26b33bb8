/**
 * Lines to standard error or a file, past Node's own streams: those would make a pipe non-blocking for the command
 * too, which shares it. Lines are collected for a moment, because each write costs what a matched call does.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { TextBuffer } from "../../events/index.ts";

const STDERR = 2;
const NEWLINE = 0x0a;
const FULL_BYTES = 64 * 1024;
const FLUSH_MS = 10;
const RETRY_MS = 2;

export class LineStream {
  readonly text = new TextBuffer(2 * FULL_BYTES);
  readonly #fd: number;
  #timer: NodeJS.Timeout | undefined;
  #broken: { error: Error; lines: number } | undefined;

  /** A descriptor, or a file to write. Throws the error of open(2). */
  constructor(target: string | number = STDERR) {
    this.#fd = typeof target === "number" ? target : openSync(target, "w", 0o666);
  }

  /** To be called after lines were added to `text`. */
  added(): void {
    if (this.text.length >= FULL_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  /** Writes what there is; what a full pipe does not take stays. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = this.text.view();
    let at = 0;
    while (at < bytes.length && this.#broken === undefined) {
      try {
        at += writeSync(this.#fd, bytes, at, bytes.length - at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EAGAIN") break;
        this.#broken = { error: error as Error, lines: 0 };
      }
    }
    if (this.#broken !== undefined) {
      this.#broken.lines += countLines(bytes.subarray(at));
      at = bytes.length;
    }
    const rest = bytes.slice(at);
    this.text.clear();
    this.text.append(rest);
    if (rest.length > 0) this.#timer = setTimeout(() => this.flush(), RETRY_MS);
  }

  /** Lines that could not be written, all after the first of them, and why. */
  get lost(): { readonly error: Error; readonly lines: number } | undefined {
    return this.#broken;
  }

  /** Writes all of it. */
  async close(): Promise<void> {
    this.flush();
    while (this.text.length > 0) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    clearTimeout(this.#timer);
    if (this.#fd !== STDERR) closeSync(this.#fd);
  }
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
