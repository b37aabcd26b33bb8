/** Counts lost events, in all and per rule. */
import type { Loss } from "./event.ts";

/** Rules beyond this many are in the total only. */
const MAX_RULES = 200;

export type LossNumbers = Pick<Loss, "total" | "rules">;

export class LossCounts {
  total = 0;
  readonly #rules = new Map<string, number>();
  #since = 0;

  static of(losses: LossNumbers): LossCounts {
    const counts = new LossCounts();
    counts.addAll(losses);
    return counts;
  }

  get isEmpty(): boolean {
    return this.total === 0;
  }

  /** Since it was empty. */
  get ageMs(): number {
    return this.isEmpty ? 0 : performance.now() - this.#since;
  }

  get rules(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#rules);
  }

  /** `rule` undefined: nobody knows it any more. */
  add(rule: string | undefined, count = 1): void {
    this.#raise(count);
    if (rule !== undefined) this.#addRule(rule, count);
  }

  addAll({ total, rules }: LossNumbers): void {
    this.#raise(total);
    for (const [rule, count] of Object.entries(rules)) this.#addRule(rule, count);
  }

  /** As it is reported now; it is empty then. */
  take(): Loss {
    const loss = this.toLoss("output");
    this.total = 0;
    this.#rules.clear();
    return loss;
  }

  toLoss(where: Loss["where"]): Loss {
    return { total: this.total, rules: this.rules, where, ts: new Date().toISOString() };
  }

  #raise(count: number): void {
    if (this.isEmpty) this.#since = performance.now();
    this.total += count;
  }

  #addRule(rule: string, count: number): void {
    const known = this.#rules.get(rule);
    if (known !== undefined || this.#rules.size < MAX_RULES)
      this.#rules.set(rule, (known ?? 0) + count);
  }
}
