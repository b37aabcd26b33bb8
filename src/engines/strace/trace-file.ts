/** Where text goes: buffered, and written before the trace waits for anything. Text is one byte a character. */
import { closeSync, writeSync } from "node:fs";

const MOST_BUFFERED = 64 * 1024;
const PAUSE_MS = 1;

export class TraceFile {
  readonly #fd: number;
  #text = "";
  #isBroken = false;
  /** Characters of the line that is not ended yet. */
  column = 0;

  /** Called once, with the number of the error, when nothing can be written any more. */
  readonly #onFailure: (errno: number) => void;

  constructor(fd: number, onFailure: (errno: number) => void = () => undefined) {
    this.#fd = fd;
    this.#onFailure = onFailure;
  }

  write(text: string): void {
    this.#text += text;
    const end = text.lastIndexOf("\n");
    this.column = end < 0 ? this.column + text.length : text.length - end - 1;
    if (this.#text.length >= MOST_BUFFERED) this.flush();
  }

  /** A reader that is gone does not end the trace: what is traced must run on as it would. */
  flush(): void {
    if (this.#text === "") return;
    const bytes = Buffer.from(this.#text, "latin1");
    this.#text = "";
    for (let at = 0; at < bytes.length && !this.#isBroken; ) {
      try {
        at += writeSync(this.#fd, bytes, at, bytes.length - at);
      } catch (error) {
        const { code, errno = 0 } = error as NodeJS.ErrnoException;
        if (code === "EAGAIN") pause(PAUSE_MS);
        else {
          this.#isBroken = true;
          this.#onFailure(-errno);
        }
      }
    }
  }

  close(): void {
    this.flush();
    if (this.#fd > 2) closeSync(this.#fd);
  }
}

/** For a reader that is slow, on a descriptor that somebody has made non-blocking. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
