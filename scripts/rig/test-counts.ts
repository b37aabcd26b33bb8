import { Transform } from "node:stream";

const KEPT_CHARACTERS = 4096;

/** Passes the spec report of node:test on and keeps its end, which counts the tests. */
export class TestCounts extends Transform {
  #end = "";

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, out: Buffer) => void) {
    this.#end = (this.#end + chunk.toString("utf8")).slice(-KEPT_CHARACTERS);
    done(null, chunk);
  }

  /** "12 pass, 1 fail, 2 skipped"; kinds without a test are left out. */
  get summary(): string {
    return ["pass", "fail", "cancelled", "skipped", "todo"]
      .map((kind) => ({ kind, count: this.#count(kind) }))
      .filter(({ count }) => count > 0)
      .map(({ kind, count }) => `${count} ${kind}`)
      .join(", ");
  }

  #count(kind: string): number {
    const lines = [...this.#end.matchAll(/^\W*([a-z]+) (\d+)\W*$/gm)];
    return Number(lines.findLast((line) => line[1] === kind)?.[2] ?? 0);
  }
}
