/** Counts what an output lost, in all and since it was last told. */
import type { Loss } from "./event.ts";

/** Rules beyond this many are in the total only. */
const MAX_RULES = 200;

export class LossAccount {
  /** Since the start, told or not. */
  total = 0;
  private untold = 0;
  private readonly rules = new Map<string, number>();

  get isUntold(): boolean {
    return this.untold > 0;
  }

  add(rule: string, count = 1): void {
    this.total += count;
    this.untold += count;
    this.addRule(rule, count);
  }

  /** What was told never arrived: it has to be told again. */
  restore(loss: Loss): void {
    this.untold += loss.total;
    for (const [rule, count] of Object.entries(loss.rules)) this.addRule(rule, count);
  }

  /** What is to be told now, as told. */
  take(): Loss {
    const loss: Loss = {
      total: this.untold,
      rules: Object.fromEntries(this.rules),
      where: "output",
      ts: new Date().toISOString(),
    };
    this.untold = 0;
    this.rules.clear();
    return loss;
  }

  private addRule(rule: string, count: number): void {
    const known = this.rules.get(rule);
    if (known !== undefined || this.rules.size < MAX_RULES) {
      this.rules.set(rule, (known ?? 0) + count);
    }
  }
}
