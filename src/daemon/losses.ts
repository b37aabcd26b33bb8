/** Events that the kernel could not hand over, per rule, told once each: also over a restart of the service. */
import { join } from "node:path";
import type { ServiceEngine } from "./engine.ts";
import type { Paths } from "./paths.ts";
import { prepareFile, readState } from "./state-files.ts";

interface Told {
  readonly ringId: string;
  readonly generation: number;
  readonly rules: Readonly<Record<string, number>>;
}

export interface Loss {
  readonly total: number;
  readonly rules: Readonly<Record<string, number>>;
}

export class Losses {
  readonly #engine: ServiceEngine;
  readonly #file: string;
  #told: Told;

  constructor(engine: ServiceEngine, { runDir }: Paths) {
    this.#engine = engine;
    this.#file = join(runDir, "losses.json");
    this.#told = this.#read() ?? this.#nothing();
  }

  /** Losses since the last call. After it returned some, `keep` says that they have been told. */
  take(): Loss | undefined {
    const generation = this.#engine.current?.generation ?? 0;
    if (this.#told.generation !== generation) this.#told = this.#nothing();
    const rules: Record<string, number> = Object.create(null);
    const now: Record<string, number> = Object.create(null);
    let total = 0;
    for (const { rule, dropped } of this.#engine.counters().rules) {
      if (dropped === 0) continue;
      now[rule] = dropped;
      const lost = dropped - (this.#told.rules[rule] ?? 0);
      if (lost <= 0) continue;
      rules[rule] = lost;
      total += lost;
    }
    if (total === 0) return undefined;
    this.#told = { ...this.#told, rules: now };
    return { total, rules };
  }

  keep(): void {
    prepareFile(this.#file, JSON.stringify(this.#told)).commit();
  }

  #nothing(): Told {
    const { ringId, current } = this.#engine;
    return { ringId, generation: current?.generation ?? 0, rules: {} };
  }

  #read(): Told | undefined {
    const text = readState(this.#file);
    if (text === undefined) return undefined;
    const told = JSON.parse(text) as Told;
    return told.ringId === this.#engine.ringId ? told : undefined;
  }
}
