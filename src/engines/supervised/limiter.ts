/** `limit = N/period per KEY`: fixed windows, as in the kernel engine. */
import type { CallView, Limit } from "../../language/index.ts";
import { isStringVariable } from "../../variables/index.ts";

/** Windows kept per rule; the one begun first goes when there are more. */
const MOST_KEYS = 10_000;

interface Window {
  start: bigint;
  count: number;
}

export class Limiter {
  readonly #limit: Limit;
  readonly #windows = new Map<string, Window>();

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** Counts one report: whether it is made, and whether some of the same key before it were not. */
  admit(view: CallView, nowNs: bigint): "reported" | "reported after a gap" | "held back" {
    const { count, periodNs } = this.#limit;
    const key = this.#keyOf(view);
    const window = this.#windows.get(key);
    if (window === undefined || nowNs - window.start >= periodNs) {
      this.#begin(key, nowNs);
      if (count === 0) return "held back";
      return window !== undefined && window.count > count ? "reported after a gap" : "reported";
    }
    window.count++;
    return window.count <= count ? "reported" : "held back";
  }

  #begin(key: string, start: bigint): void {
    this.#windows.delete(key);
    if (this.#windows.size >= MOST_KEYS) {
      const [oldest] = this.#windows.keys();
      if (oldest !== undefined) this.#windows.delete(oldest);
    }
    this.#windows.set(key, { start, count: 1 });
  }

  #keyOf(view: CallView): string {
    const { per } = this.#limit;
    if (per === undefined) return "";
    if (isStringVariable(per)) {
      const read = view.stringVariable(per);
      return read === undefined ? "" : Buffer.from(read.bytes).toString("latin1");
    }
    return String(view.intVariable(per) ?? "");
  }
}
