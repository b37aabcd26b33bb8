/**
 * Standard output for streams of lines. Lines collect in one buffer while another is written; a reader that is
 * slower than the events makes the buffer grow, and `isFull` says when to stop taking more.
 *
 * The descriptor is opened again through /proc to get a file description of our own: O_NONBLOCK on the inherited
 * one would change it for every process that shares it, and a blocking write could not be interrupted.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { TextBuffer } from "../events/index.ts";

/** Text that waits for a slow reader before events are left in the kernel's buffer instead. */
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;
const RETRY_MS = 1;

export class OutputBuffer {
  #buffer = new TextBuffer(64 * 1024);
  #spare = new TextBuffer(64 * 1024);
  readonly #fd: number;
  readonly #isOwn: boolean;
  #pending: Promise<void> | undefined;
  #failure: NodeJS.ErrnoException | undefined;
  #isAbandoned = false;
  #writtenBytes = 0;
  #takenBytes = 0;

  constructor(fd: number) {
    const own = reopen(fd);
    this.#isOwn = own !== undefined;
    this.#fd = own ?? fd;
  }

  /** Where lines are appended. */
  get text(): TextBuffer {
    return this.#buffer;
  }

  /** The reader is gone, or the device is full: nothing can be written any more. */
  get error(): NodeJS.ErrnoException | undefined {
    return this.#failure;
  }

  get isFull(): boolean {
    return this.#buffer.length > MAX_BACKLOG_BYTES;
  }

  /** Writes what there is; returns at once when a write is under way already, which then takes it too. */
  flush(): void {
    if (this.#pending !== undefined || this.#buffer.length === 0) return;
    this.#pending = this.#writeAll().finally(() => {
      this.#pending = undefined;
    });
  }

  /** Waits until all is written or nothing can be written. */
  async drain(): Promise<void> {
    this.flush();
    await this.#pending;
  }

  /** Bytes of lines that were given up or could not be written. */
  get unwrittenBytes(): number {
    return this.#takenBytes + this.#buffer.length - this.#writtenBytes;
  }

  get isGivenUp(): boolean {
    return this.#isAbandoned;
  }

  /** Gives up what is not written yet. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  close(): void {
    if (this.#isOwn) closeSync(this.#fd);
  }

  async #writeAll(): Promise<void> {
    while (this.#buffer.length > 0 && this.#failure === undefined && !this.#isAbandoned) {
      const full = this.#buffer;
      this.#buffer = this.#spare;
      this.#spare = full;
      this.#buffer.clear();
      this.#takenBytes += full.length;
      await this.#write(full.view());
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#isAbandoned; ) {
      try {
        const count = writeSync(this.#fd, bytes, at, bytes.length - at);
        at += count;
        this.#writtenBytes += count;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== "EAGAIN") {
          this.#failure = error as NodeJS.ErrnoException;
          return;
        }
        await sleep(RETRY_MS);
      }
    }
  }
}

/** Undefined for sockets, which have no name to open, and for files, whose place to write is in the shared description. */
function reopen(fd: number): number | undefined {
  const status = fstatSync(fd);
  if (!status.isFIFO() && !status.isCharacterDevice()) return undefined;
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
