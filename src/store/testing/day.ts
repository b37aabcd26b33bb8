/** A day's worth of events in minutes, for the benchmark and for the test of what a long history costs. */
import { RecordOffset } from "../../events/layout.ts";
import { ringBytes } from "./records.ts";

const START = "/srv/www/site/node_modules/package-";
const DIGITS_AT = START.length;
const DIGITS = 7;

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
      this.#writePath(record, (hash & 1) === 0 ? hash % 100 : hash % 100_000);
    }
  }

  /** Digits as bytes: strings would show in the memory that is measured. */
  #writePath(record: number, number: number): void {
    let rest = number;
    for (let at = record + this.#pathAt + DIGITS_AT + DIGITS - 1, left = DIGITS; left > 0; left--) {
      this.bytes[at--] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
}

export function pathOf(number: number): string {
  return `${START}${String(number).padStart(DIGITS, "0")}/index.js`;
}
