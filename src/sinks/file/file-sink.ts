/**
 * Lines into a file, rotated by size. Only whole lines: what a full disk or a crash cut is taken away again, or ended
 * before the next line.
 */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { FileConfig, Format } from "../config/outputs.ts";
import type { Loss, OutputEvent } from "../event.ts";
import { encodedLine, encodedLoss } from "../line.ts";
import type { Encoded, Sink } from "../sink.ts";
import { rotate } from "./rotate.ts";

const { O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
// not blocking, so that opening a pipe that somebody put there does not wait for its reader
const FLAGS = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
/** Events show what others do: for the owner only. A file that is there keeps its mode. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const BATCH_BYTES = 256 << 10;
const SPAN_BYTES = 32 << 10;
const NEWLINE = 0x0a;

export class FileSink implements Sink<Uint8Array> {
  readonly batch = { count: 1000, bytes: BATCH_BYTES };
  readonly lines: { readonly format: Format; readonly bytes: number };
  readonly #config: FileConfig;
  #file: FileHandle | undefined;

  constructor(config: FileConfig) {
    this.#config = config;
    const { format, maxBytes } = config;
    // what does not fit into a file begins the next: not in too large pieces
    const most = maxBytes > 0 ? maxBytes / 16 : Number.POSITIVE_INFINITY;
    this.lines = { format, bytes: Math.min(SPAN_BYTES, most) };
  }

  encode(event: OutputEvent): Encoded<Uint8Array> | undefined {
    return encodedLine(event.line(this.#config.format));
  }

  encodeLoss(loss: Loss): Encoded<Uint8Array> {
    return encodedLoss(loss, this.#config.format);
  }

  async send(lines: readonly Uint8Array[]): Promise<number> {
    let { file, size } = await this.#current();
    const { path, maxBytes, keep } = this.#config;
    const first = lines[0]?.length ?? 0;
    if (maxBytes > 0 && size > 0 && size + first > maxBytes) {
      await this.reopen();
      await rotate(path, keep);
      ({ file, size } = await this.#current());
    }
    const part = maxBytes > 0 ? whatFits(lines, maxBytes - size) : lines;
    await append(file, joinLines(part), size);
    return part.length;
  }

  async reopen(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  close(): void {
    void this.reopen().catch(() => undefined);
  }

  /** The open file and its size. A file that was deleted is not written to any more: nobody would find the lines. */
  async #current(): Promise<{ file: FileHandle; size: number }> {
    if (this.#file !== undefined) {
      const { size, nlink } = await this.#file.stat();
      if (nlink > 0) return { file: this.#file, size };
      await this.reopen();
    }
    const { path } = this.#config;
    await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
    const file = await open(path, FLAGS, FILE_MODE);
    this.#file = file;
    const stat = await file.stat();
    if (!stat.isFile()) {
      await this.reopen();
      throw new Error(`Cannot write to ${path}: not a regular file`);
    }
    return { file, size: await endLastLine(file, stat.size) };
  }
}

/** The first lines that have room together, one in any case. */
function whatFits(lines: readonly Uint8Array[], room: number): readonly Uint8Array[] {
  let bytes = 0;
  const end = lines.findIndex((line, i) => {
    bytes += line.length;
    return bytes > room && i > 0;
  });
  return end < 0 ? lines : lines.slice(0, end);
}

/** Lines that were made one behind the other are written as they lie there. */
function joinLines(lines: readonly Uint8Array[]): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < lines.length; ) {
    const { buffer, byteOffset } = lines[i] as Uint8Array;
    let end = byteOffset;
    for (; lines[i]?.buffer === buffer && lines[i]?.byteOffset === end; i++)
      end += lines[i]?.length ?? 0;
    parts.push(new Uint8Array(buffer, byteOffset, end - byteOffset));
  }
  return parts;
}

/** Ends a line that a crash left open. */
async function endLastLine(file: FileHandle, size: number): Promise<number> {
  if (size === 0) return 0;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  if (last[0] === NEWLINE) return size;
  await file.write(Buffer.from([NEWLINE]));
  return size + 1;
}

async function append(file: FileHandle, parts: readonly Uint8Array[], size: number): Promise<void> {
  try {
    for (const bytes of parts) {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
        at += bytesWritten;
      }
    }
  } catch (error) {
    // a full disk takes a part
    await file.truncate(size).catch(() => undefined);
    throw error;
  }
}
