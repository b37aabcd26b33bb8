/** Reports that could not be stored yet, added up, so that a disk that stays full does not fill memory instead. */
import type { Report } from "./contract.ts";

export class PendingReports {
  #reports: Report[] = [];

  add(report: Report): void {
    const { kind, where } = report;
    const at = this.#reports.findIndex((other) => other.kind === kind && other.where === where);
    const known = this.#reports[at];
    if (known === undefined) this.#reports.push(report);
    else this.#reports[at] = sum(known, report);
  }

  get all(): readonly Report[] {
    return this.#reports;
  }

  clear(): void {
    this.#reports = [];
  }
}

/** Both together, at the time of the earlier one. */
function sum(a: Report, b: Report): Report {
  const rules: Record<string, number> = Object.assign(Object.create(null), a.rules);
  for (const [rule, count] of Object.entries(b.rules)) rules[rule] = (rules[rule] ?? 0) + count;
  return { ...a, total: a.total + b.total, rules };
}
