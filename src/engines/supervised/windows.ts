/** What is counted for each value of a variable. */
import type { CallView } from "../../language/index.ts";
import { isStringVariable, type VariableName } from "../../variables/index.ts";

/** Keys kept; the one that was begun first goes when there are more. */
const MOST_KEYS = 10_000;

export class Windows<T> {
  readonly #byKey = new Map<string, T>();

  get(key: string): T | undefined {
    return this.#byKey.get(key);
  }

  /** The key becomes the youngest. */
  set(key: string, value: T): void {
    this.#byKey.delete(key);
    if (this.#byKey.size >= MOST_KEYS) {
      const [oldest] = this.#byKey.keys();
      if (oldest !== undefined) this.#byKey.delete(oldest);
    }
    this.#byKey.set(key, value);
  }
}

/** The same for all calls without a variable, and for those of which it cannot be read. */
export function windowKey(per: VariableName | undefined, view: CallView): string {
  if (per === undefined) return "";
  if (!isStringVariable(per)) return String(view.intVariable(per) ?? "");
  const read = view.stringVariable(per);
  return read === undefined ? "" : Buffer.from(read.bytes).toString("latin1");
}
