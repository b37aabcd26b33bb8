/** Events that the kernel could not hand over, per rule, reported once each: also over a restart of the service. */
import type { RuleCounters } from "../engines/engine.ts";
import type { ServiceEngine } from "./engine.ts";

/** Of one rule set. */
interface Told {
  readonly generation: number;
  readonly rules: ReadonlyMap<string, number>;
}

/** The same as it is stored. */
interface StoredTold {
  readonly generation: number;
  readonly rules: Readonly<Record<string, number>>;
}

interface Stored extends StoredTold {
  readonly ringId: string;
  /** Of the rule set before, whose last numbers may not be reported yet. */
  readonly before?: StoredTold | undefined;
}

export interface RingLoss {
  readonly total: number;
  readonly rules: Readonly<Record<string, number>>;
  /** All that has been reported when this has: to be stored with it, for the next service. */
  readonly told: string;
}

export class RingLosses {
  readonly #engine: Pick<ServiceEngine, "ringId" | "current" | "counters">;
  #told: Told;
  /** Of the rule set before. */
  #before: Told | undefined;

  /** `told`: of the last loss that was stored. */
  constructor(engine: Pick<ServiceEngine, "ringId" | "current" | "counters">, told?: string) {
    this.#engine = engine;
    const stored = this.#read(told);
    this.#told = fromStored(stored) ?? this.#nothing();
    this.#before = fromStored(stored?.before);
  }

  /** Losses since the last call. */
  take(): RingLoss | undefined {
    const generation = this.#engine.current?.generation ?? 0;
    if (this.#told.generation !== generation) {
      this.#before = this.#told;
      this.#told = this.#nothing();
    }
    const { total, rules, now } = difference(this.#engine.counters().rules, this.#told);
    if (total === 0) return undefined;
    this.#told = { ...this.#told, rules: now };
    return { total, rules, told: this.#text() };
  }

  /** Of a rule set that has gone: what it lost since `take` was last called while it was in force. */
  takeLast(generation: number, counters: readonly Dropped[]): RingLoss | undefined {
    const told = [this.#told, this.#before].find((one) => one?.generation === generation);
    const { total, rules, now } = difference(counters, told);
    if (total === 0) return undefined;
    if (told !== undefined && told === this.#told) this.#told = { ...told, rules: now };
    else this.#before = { generation, rules: now };
    return { total, rules, told: this.#text() };
  }

  #nothing(): Told {
    return { generation: this.#engine.current?.generation ?? 0, rules: new Map() };
  }

  #text(): string {
    const { ringId } = this.#engine;
    const before = this.#before && toStored(this.#before);
    return JSON.stringify({ ringId, ...toStored(this.#told), before } satisfies Stored);
  }

  /** What is damaged says nothing: a loss that is reported twice is better than one that never is. */
  #read(text: string | undefined): Stored | undefined {
    try {
      const stored = JSON.parse(text ?? "null") as Partial<Stored> | null;
      const { ringId } = this.#engine;
      const before = stored?.before;
      if (stored?.ringId !== ringId || !isTold(stored)) return undefined;
      const { generation, rules } = stored;
      return { ringId, generation, rules, ...(isTold(before) ? { before } : {}) };
    } catch {
      return undefined;
    }
  }
}

function toStored({ generation, rules }: Told): StoredTold {
  return { generation, rules: Object.fromEntries(rules) };
}

function fromStored(told: StoredTold | undefined): Told | undefined {
  if (told === undefined) return undefined;
  return { generation: told.generation, rules: new Map(Object.entries(told.rules)) };
}

function isTold(told: Partial<StoredTold> | undefined): told is StoredTold {
  return (
    typeof told?.generation === "number" && typeof told.rules === "object" && told.rules !== null
  );
}

type Dropped = Pick<RuleCounters, "rule" | "dropped">;

/** What was lost since `told`, and what is to be reported then. */
function difference(counters: readonly Dropped[], told: Told | undefined) {
  const rules = new Map<string, number>();
  const now = new Map<string, number>();
  let total = 0;
  for (const { rule, dropped } of counters) {
    if (dropped === 0) continue;
    now.set(rule, dropped);
    const lost = dropped - (told?.rules.get(rule) ?? 0);
    if (lost <= 0) continue;
    rules.set(rule, lost);
    total += lost;
  }
  return { total, rules: Object.fromEntries(rules), now };
}
