/** Events that the kernel could not hand over, per rule, reported once each: also over a restart of the service. */
import type { RuleCounters } from "../../engines/engine.ts";
import type { ServiceEngine } from "../engine.ts";

/** Of one rule set. */
interface Reported {
  readonly generation: number;
  readonly rules: ReadonlyMap<string, number>;
}

/** The same as it is stored. */
interface StoredReported {
  readonly generation: number;
  readonly rules: Readonly<Record<string, number>>;
}

interface Stored extends StoredReported {
  readonly ringId: string;
  /** Of the rule set before, whose last numbers may not be reported yet. */
  readonly before?: StoredReported | undefined;
}

export interface RingLoss {
  readonly total: number;
  readonly rules: Readonly<Record<string, number>>;
  /** All that has been reported when this has: to be stored with it, for the next service. */
  readonly reported: string;
}

export class RingLosses {
  readonly #engine: Pick<ServiceEngine, "ringId" | "current" | "counters">;
  #reported: Reported;
  /** Of the rule set before. */
  #before: Reported | undefined;

  /** `reported`: of the last loss that was stored. */
  constructor(engine: Pick<ServiceEngine, "ringId" | "current" | "counters">, reported?: string) {
    this.#engine = engine;
    const stored = this.#read(reported);
    this.#reported = fromStored(stored) ?? this.#nothing();
    this.#before = fromStored(stored?.before);
  }

  /** Losses since the last call. */
  take(): RingLoss | undefined {
    const generation = this.#engine.current?.generation ?? 0;
    if (this.#reported.generation !== generation) {
      this.#before = this.#reported;
      this.#reported = this.#nothing();
    }
    const { total, rules, now } = difference(this.#engine.counters().rules, this.#reported);
    if (total === 0) return undefined;
    this.#reported = { ...this.#reported, rules: now };
    return { total, rules, reported: this.#text() };
  }

  /** Of a rule set that has gone: what it lost since `take` was last called while it was in force. */
  takeLast(generation: number, counters: readonly Dropped[]): RingLoss | undefined {
    const reported = [this.#reported, this.#before].find((one) => one?.generation === generation);
    const { total, rules, now } = difference(counters, reported);
    if (total === 0) return undefined;
    if (reported !== undefined && reported === this.#reported)
      this.#reported = { ...reported, rules: now };
    else this.#before = { generation, rules: now };
    return { total, rules, reported: this.#text() };
  }

  #nothing(): Reported {
    return { generation: this.#engine.current?.generation ?? 0, rules: new Map() };
  }

  #text(): string {
    const { ringId } = this.#engine;
    const before = this.#before && toStored(this.#before);
    return JSON.stringify({ ringId, ...toStored(this.#reported), before } satisfies Stored);
  }

  /** What is damaged says nothing: a loss that is reported twice is better than one that never is. */
  #read(text: string | undefined): Stored | undefined {
    try {
      const stored = JSON.parse(text ?? "null") as Partial<Stored> | null;
      const { ringId } = this.#engine;
      const before = stored?.before;
      if (stored?.ringId !== ringId || !isReported(stored)) return undefined;
      const { generation, rules } = stored;
      return { ringId, generation, rules, ...(isReported(before) ? { before } : {}) };
    } catch {
      return undefined;
    }
  }
}

function toStored({ generation, rules }: Reported): StoredReported {
  return { generation, rules: Object.fromEntries(rules) };
}

function fromStored(reported: StoredReported | undefined): Reported | undefined {
  if (reported === undefined) return undefined;
  return { generation: reported.generation, rules: new Map(Object.entries(reported.rules)) };
}

function isReported(reported: Partial<StoredReported> | undefined): reported is StoredReported {
  return (
    typeof reported?.generation === "number" &&
    typeof reported.rules === "object" &&
    reported.rules !== null
  );
}

type Dropped = Pick<RuleCounters, "rule" | "dropped">;

/** What was lost since `reported`, and what is to be reported then. */
function difference(counters: readonly Dropped[], reported: Reported | undefined) {
  const rules = new Map<string, number>();
  const now = new Map<string, number>();
  let total = 0;
  for (const { rule, dropped } of counters) {
    if (dropped === 0) continue;
    now.set(rule, dropped);
    const lost = dropped - (reported?.rules.get(rule) ?? 0);
    if (lost <= 0) continue;
    rules.set(rule, lost);
    total += lost;
  }
  return { total, rules: Object.fromEntries(rules), now };
}
