/** `limit = N/period per KEY`: fixed windows, as in the kernel engine. */
import type { CallView, Limit } from "../../language/index.ts";
import { Windows, windowKey } from "./windows.ts";

interface Window {
  readonly start: bigint;
  count: number;
}

export class Limiter {
  readonly #limit: Limit;
  readonly #windows = new Windows<Window>();

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** Counts one report: whether it is made, and whether some of the same key before it were not. */
  admit(view: CallView, nowNs: bigint): "reported" | "reported after a gap" | "held back" {
    const { count, periodNs, per } = this.#limit;
    const key = windowKey(per, view);
    const window = this.#windows.get(key);
    if (window === undefined || nowNs - window.start >= periodNs) {
      this.#windows.set(key, { start: nowNs, count: 1 });
      if (count === 0) return "held back";
      return window !== undefined && window.count > count ? "reported after a gap" : "reported";
    }
    window.count++;
    return window.count <= count ? "reported" : "held back";
  }
}
