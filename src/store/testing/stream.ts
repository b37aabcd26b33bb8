/** Events of consecutive positions in a ring, and what of them is in a file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { RingStream } from "../../events/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import type { Append } from "../contract.ts";
import { decompress } from "../database/compress.ts";
import { BOOT_OFFSET_NS, RING, ringBytes, type Sample } from "./records.ts";

/** A directory for one test. */
export function directory(t: { after(cleanup: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), "sct-history-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export class Stream {
  position = 0;
  seq = 0;

  next(count: number, sample: (seq: number) => Partial<Sample> = () => ({})): Append {
    const samples = Array.from({ length: count }, () => ({ seq: ++this.seq, ...sample(this.seq) }));
    const bytes = ringBytes(samples);
    this.position += bytes.length;
    return { bytes, ringId: RING, position: this.position, bootOffsetNs: BOOT_OFFSET_NS };
  }
}

/** Sequence numbers in the order of the file. */
export function storedSeqs(file: string): number[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db
      .prepare("SELECT records FROM content ORDER BY id")
      .all()
      .flatMap((row) => seqsOf(decompress(row["records"] as Uint8Array)));
  } finally {
    db.close();
  }
}

function seqsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const seqs: number[] = [];
  for (const records = new RingStream(bytes); records.next(); )
    seqs.push(Number(view.getBigUint64(records.offset + RecordOffset.seq, true)));
  return seqs;
}

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
