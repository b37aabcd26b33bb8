/** The load that lasts: how far it is, its deadline, its end before time. */
import { type BpfMap, LoadAbortedError } from "../../bpf/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import type { LoadResult } from "./loading/compile-and-open.ts";
import { DEFAULT_DEADLINE_MS, type LoadRules } from "./loading/load.ts";
import { closeObjects } from "./loading/objects.ts";
import type { LoadProgress } from "./loading/progress.ts";

/** A load that lasts. */
export interface Loading {
  /** Rules of the set. */
  readonly rules: number;
  /** On the clock of performance.now(). */
  readonly sinceMs: number;
  /** Undefined: its thread has not begun. */
  readonly progress: LoadProgress | undefined;
}

export class Loads {
  /** Rules that are not loaded within this time are refused. */
  deadlineMs = DEFAULT_DEADLINE_MS;
  readonly #load: LoadRules;
  #current: (Loading & { readonly abort: AbortController }) | undefined;

  constructor(load: LoadRules) {
    this.#load = load;
  }

  get current(): Loading | undefined {
    return this.#current;
  }

  abort(): void {
    this.#current?.abort.abort();
  }

  /** One at a time. Throws MachineError, LoadAbortedError. */
  async run(
    rules: readonly CheckedRule[],
    options: Parameters<LoadRules>[1],
    shared: ReadonlyMap<string, BpfMap>,
  ): Promise<LoadResult> {
    const abort = new AbortController();
    const begun = { rules: rules.length, sinceMs: performance.now(), abort };
    const report = (progress: LoadProgress | undefined): void => {
      this.#current = { ...begun, progress };
    };
    report(undefined);
    try {
      const result = await this.#load(rules, options, shared, {
        deadlineMs: this.deadlineMs,
        signal: abort.signal,
        onProgress: report,
      });
      // too late to be reported
      if (result.ok && abort.signal.aborted) {
        closeObjects(result.objects);
        throw new LoadAbortedError("The rules are not loaded");
      }
      return result;
    } finally {
      this.#current = undefined;
    }
  }
}
