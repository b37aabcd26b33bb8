/**
 * Lines into a file, rotated by size. Only whole lines: what a full disk or a crash cut is taken away again, or ended
 * before the next line.
 */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { FileConfig } from "../config/outputs.ts";
import type { Loss, OutputEvent } from "../event.ts";
import { lineOf, lossLine } from "../line.ts";
import type { Encoded, Sink } from "../sink.ts";
import { rotate } from "./rotate.ts";

const { O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
// not blocking, so that opening a pipe that somebody put there does not wait for its reader
const FLAGS = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
/** Events tell what others do: for the owner only. A file that is there keeps its mode. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const NEWLINE = 0x0a;

export class FileSink implements Sink<string> {
  readonly batch = { count: 5000, bytes: 262_144 };
  private readonly config: FileConfig;
  private file: FileHandle | undefined;

  constructor(config: FileConfig) {
    this.config = config;
  }

  encode(event: OutputEvent): Encoded<string> | undefined {
    const line = lineOf(event, this.config.format);
    return line === undefined ? undefined : encodeLine(line);
  }

  encodeLoss(loss: Loss): Encoded<string> {
    return encodeLine(lossLine(loss, this.config.format));
  }

  async send(lines: readonly string[]): Promise<number> {
    let { file, size } = await this.current();
    const { path, maxBytes, keep } = this.config;
    const first = sizeOf(lines[0] ?? "");
    if (maxBytes > 0 && size > 0 && size + first > maxBytes) {
      await this.reopen();
      await rotate(path, keep);
      ({ file, size } = await this.current());
    }
    const part = maxBytes > 0 ? whatFits(lines, maxBytes - size) : lines;
    await append(file, Buffer.from(`${part.join("\n")}\n`), size);
    return part.length;
  }

  async reopen(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await file?.close();
  }

  close(): void {
    void this.reopen().catch(() => undefined);
  }

  /** The open file and its size. A file that was deleted is not written to any more: nobody would find the lines. */
  private async current(): Promise<{ file: FileHandle; size: number }> {
    if (this.file !== undefined) {
      const { size, nlink } = await this.file.stat();
      if (nlink > 0) return { file: this.file, size };
      await this.reopen();
    }
    const { path } = this.config;
    await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
    const file = await open(path, FLAGS, FILE_MODE);
    this.file = file;
    const stat = await file.stat();
    if (!stat.isFile()) {
      await this.reopen();
      throw new Error(`Cannot write to ${path}: not a regular file`);
    }
    return { file, size: await endLastLine(file, stat.size) };
  }
}

/** A text, made bytes together with its batch: a buffer for each line would cost more than the line. */
function encodeLine(line: string): Encoded<string> {
  return { value: line, size: sizeOf(line) };
}

/** With its end. */
function sizeOf(line: string): number {
  return Buffer.byteLength(line) + 1;
}

/** The first lines that have room together, one in any case. */
function whatFits(lines: readonly string[], room: number): readonly string[] {
  let bytes = 0;
  const end = lines.findIndex((line, i) => {
    bytes += sizeOf(line);
    return bytes > room && i > 0;
  });
  return end < 0 ? lines : lines.slice(0, end);
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

async function append(file: FileHandle, bytes: Buffer, size: number): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
      at += bytesWritten;
    }
  } catch (error) {
    // a full disk takes a part
    await file.truncate(size).catch(() => undefined);
    throw error;
  }
}
