/** Events that the kernel could not hand over, per rule, told once each: also over a restart of the service. */
import type { RuleCounters } from "../engines/engine.ts";
import type { ServiceEngine } from "./engine.ts";

/** Of one rule set. */
interface Told {
  readonly generation: number;
  readonly rules: Readonly<Record<string, number>>;
}

/** As it is stored. */
interface Stored extends Told {
  readonly ringId: string;
  /** Of the rule set before, whose last numbers may not be told yet. */
  readonly before?: Told | undefined;
}

export interface Loss {
  readonly total: number;
  readonly rules: Readonly<Record<string, number>>;
  /** All that has been told when this has: to be stored with it, for the next service. */
  readonly told: string;
}

export class Losses {
  readonly #engine: Pick<ServiceEngine, "ringId" | "current" | "counters">;
  #told: Told;
  /** Of the rule set before. */
  #before: Told | undefined;

  /** `told`: of the last loss that was stored. */
  constructor(engine: Pick<ServiceEngine, "ringId" | "current" | "counters">, told?: string) {
    this.#engine = engine;
    const stored = this.#read(told);
    this.#told = stored ?? this.#nothing();
    this.#before = stored?.before;
  }

  /** Losses since the last call. */
  take(): Loss | undefined {
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
  takeLast(generation: number, counters: readonly Dropped[]): Loss | undefined {
    const told = [this.#told, this.#before].find((one) => one?.generation === generation);
    const { total, rules, now } = difference(counters, told);
    if (total === 0) return undefined;
    if (told !== undefined && told === this.#told) this.#told = { ...told, rules: now };
    else this.#before = { generation, rules: now };
    return { total, rules, told: this.#text() };
  }

  #nothing(): Told {
    return { generation: this.#engine.current?.generation ?? 0, rules: {} };
  }

  #text(): string {
    const { ringId } = this.#engine;
    return JSON.stringify({ ringId, ...this.#told, before: this.#before } satisfies Stored);
  }

  /** What is damaged says nothing: a loss that is told twice is better than one that never is. */
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

function isTold(told: Partial<Told> | undefined): told is Told {
  return (
    typeof told?.generation === "number" && typeof told.rules === "object" && told.rules !== null
  );
}

type Dropped = Pick<RuleCounters, "rule" | "dropped">;

/** What was lost since `told`, and what is to be told then. */
function difference(counters: readonly Dropped[], told: Told | undefined) {
  const rules: Record<string, number> = Object.create(null);
  const now: Record<string, number> = Object.create(null);
  let total = 0;
  for (const { rule, dropped } of counters) {
    if (dropped === 0) continue;
    now[rule] = dropped;
    const lost = dropped - (told?.rules[rule] ?? 0);
    if (lost <= 0) continue;
    rules[rule] = lost;
    total += lost;
  }
  return { total, rules, now };
}
