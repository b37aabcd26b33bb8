/**
 * A receiver of live events. Its buffer is bounded and nothing waits for it: what finds no room is counted for each
 * rule and reported in its place, once there is room again.
 */
import { toJson } from "../../base/escape.ts";
import { type RecordReader, type Site, TextBuffer } from "../../events/index.ts";
import type { Report, Selection } from "../../store/index.ts";
import { reportJson } from "../../views/index.ts";
import type { LineSink } from "../socket/line-sink.ts";
import { MAX_SUBSCRIBER_BYTES } from "../socket/protocol.ts";

export class Subscriber {
  readonly #selection: Selection;
  readonly #lines: LineSink;
  /** Lines of the batch that is being delivered. */
  readonly #batch = new TextBuffer(4096);
  /** What found no room, per rule. */
  readonly #lost = new Map<string, number>();
  /** Bytes that it was sent, and how many of them it had taken when that was last looked at. */
  #sent = 0;
  #taken = 0;
  /** When it was last seen to take some, by performance.now(). */
  #progressAt = performance.now();

  constructor(selection: Selection, lines: LineSink) {
    this.#selection = selection;
    this.#lines = lines;
    lines.onDrain = () => this.#catchUp();
  }

  /** How long it has taken nothing although lines wait for it. */
  get stalledMs(): number {
    this.#noteProgress();
    return performance.now() - this.#progressAt;
  }

  wants(record: RecordReader, site: Site, atUs: number): boolean {
    return this.#selection.holds(record, site, atUs);
  }

  /** A line with its newline, of an event that it wants; it may be overwritten afterwards. */
  take(line: Uint8Array, rule: string): void {
    if (this.#lost.size > 0 || this.#pendingBytes + line.length > MAX_SUBSCRIBER_BYTES) {
      this.lose(rule);
      return;
    }
    this.#batch.append(line);
  }

  /** An event that it wants and does not get. */
  lose(rule: string): void {
    this.#lost.set(rule, (this.#lost.get(rule) ?? 0) + 1);
  }

  /** What was lost or left out before events came here. */
  report(report: Report, nowMs: number): void {
    if (!this.#selection.holdsReport(report, nowMs * 1000)) return;
    // reports of full buffers are few, and more important than events
    this.#batch.string(`${reportJson(report, nowMs)}\n`);
  }

  /** Ends a batch: sends what there is room for. */
  flush(): void {
    this.#noteProgress();
    if (this.#batch.length > 0) {
      this.#send(Uint8Array.from(this.#batch.view()));
      this.#batch.clear();
    }
    this.#catchUp();
  }

  /** Reports what was lost once there is room for more than the next event. */
  #catchUp(): void {
    if (this.#lost.size === 0 || this.#lines.pendingBytes > MAX_SUBSCRIBER_BYTES / 2) return;
    const rules = Object.fromEntries(this.#lost);
    let total = 0;
    for (const count of this.#lost.values()) total += count;
    this.#lost.clear();
    const ts = new Date().toISOString();
    const loss = toJson({ v: 1, ts, loss: { total, rules, where: "subscriber" } });
    this.#send(Buffer.from(`${loss}\n`));
  }

  #send(lines: Uint8Array): void {
    this.#sent += lines.length;
    this.#lines.write(lines);
  }

  #noteProgress(): void {
    const { pendingBytes } = this.#lines;
    const taken = this.#sent - pendingBytes;
    if (taken === this.#taken && pendingBytes > 0) return;
    this.#taken = taken;
    this.#progressAt = performance.now();
  }

  get #pendingBytes(): number {
    return this.#lines.pendingBytes + this.#batch.length;
  }
}
