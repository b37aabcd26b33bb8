/** Lines of many threads in one text, or in a text for each: who writes, and what becomes of a line that is not complete. */
import { readFileSync } from "node:fs";
import { secondsText, timestampPrefix, wallClockNs } from "./clock.ts";
import type { LineCall } from "./line-call.ts";
import type { LinePlan, OutputPlan } from "./plan.ts";
import type { TracedThread } from "./traced-thread.ts";

export class Lines {
  readonly #plan: LinePlan;
  readonly #output: OutputPlan;
  readonly #followsForks: boolean;
  /** Threads that are traced. */
  readonly #count: () => number;
  #writing: TracedThread | undefined;
  #lastNs: bigint | undefined;

  constructor(plan: LinePlan, output: OutputPlan, followsForks: boolean, count: () => number) {
    this.#plan = plan;
    this.#output = output;
    this.#followsForks = followsForks;
    this.#count = count;
  }

  /** Begins a line; another that is not complete is interrupted. */
  begin(thread: TracedThread, prefix: string): void {
    this.interrupt(thread);
    this.#writing = thread;
    thread.isLineOpen = true;
    thread.sink.write(prefix);
  }

  /** Whether the thread's line is the one that was begun last, and not complete. */
  isOpen(thread: TracedThread): boolean {
    return this.#writing === thread && thread.isLineOpen;
  }

  /** Completes the line. */
  end(thread: TracedThread, text: string): void {
    thread.sink.write(`${text}\n`);
    thread.isLineOpen = false;
  }

  /** Before something else is written, by this thread. */
  interrupt(by: TracedThread): void {
    const writing = this.#writing;
    if (writing === undefined || !writing.isLineOpen) return;
    if (this.#output.separate && writing !== by) return;
    writing.sink.write(" <unfinished ...>\n");
    writing.isLineOpen = false;
  }

  forget(thread: TracedThread): void {
    if (this.#writing === thread) this.#writing = undefined;
  }

  /** What stands before a line that begins now. */
  prefix(thread: TracedThread, call: LineCall | undefined): string {
    const { absolute, relative, hasNumber, hasInstruction } = this.#plan;
    let text = this.#process(thread);
    const now = absolute.form === "none" && relative === undefined ? 0n : wallClockNs();
    if (absolute.form !== "none") text += `${timestampPrefix(now, absolute)} `;
    if (relative !== undefined) {
      const since = secondsText(now - (this.#lastNs ?? now), relative, 6);
      this.#lastNs = now;
      text += absolute.form === "none" ? `${since} ` : `(+${since}) `;
    }
    if (hasNumber) text += call === undefined ? "[????] " : `[${String(call.nr).padStart(4)}] `;
    if (hasInstruction)
      text +=
        call === undefined ? "[????????????????] " : `[${call.ip.toString(16).padStart(16, "0")}] `;
    return text;
  }

  #process({ tid }: TracedThread): string {
    const { separate, to } = this.#output;
    if (separate) return "";
    const isMany = this.#count() > 1;
    const name = this.#plan.hasCommand ? `<${commandOf(tid)}>` : "";
    if (to.kind === "stderr") return isMany ? `[pid ${String(tid).padStart(5)}${name}] ` : "";
    return this.#followsForks || isMany ? `${`${tid}${name}`.padEnd(5)} ` : "";
  }
}

function commandOf(tid: number): string {
  try {
    return readFileSync(`/proc/${tid}/comm`, "latin1").trimEnd();
  } catch {
    return "???";
  }
}
