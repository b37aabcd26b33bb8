/** A day's worth of events in minutes, for the benchmark and for the test of what a long history costs. */
import { RecordOffset } from "../../events/layout.ts";
import { ringBytes } from "./records.ts";

/** A chunk of events with paths of fixed length, made once; numbers and paths are then written over. */
export class Day {
  static readonly count = 4096;
  readonly bytes = ringBytes(
    Array.from({ length: Day.count }, (_, i) => ({ seq: i + 1, path: pathOf(0), pid: 1000 })),
  );
  readonly #view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  readonly #size = this.bytes.length / Day.count;
  readonly #pathAt = Buffer.from(this.bytes).indexOf(pathOf(0)) - 8;

  /** Events from `first` on; a few rules, hundreds of processes, paths that come again and again. */
  fill(first: number): void {
    for (let i = 0; i < Day.count; i++) {
      const seq = first + i;
      const record = i * this.#size + 8;
      this.#view.setUint32(record + RecordOffset.site, seq % 3, true);
      this.#view.setBigUint64(record + RecordOffset.seq, BigInt(seq), true);
      this.#view.setBigUint64(record + RecordOffset.time, BigInt(seq) * 8_640_000n, true);
      this.#view.setUint32(
        record + RecordOffset.pid,
        1000 + (Math.imul(seq >> 4, 40503) & 511),
        true,
      );
      // half of them among 100 paths, half among 100,000
      const hash = Math.imul(seq, 0x9e3779b1) >>> 0;
      const path = pathOf((hash & 1) === 0 ? hash % 100 : hash % 100_000);
      for (let at = 0; at < path.length; at++)
        this.bytes[record + this.#pathAt + at] = path.charCodeAt(at);
    }
  }
}

export function pathOf(number: number): string {
  return `/srv/www/site/node_modules/package-${String(number).padStart(7, "0")}/index.js`;
}
