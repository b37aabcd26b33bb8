/** How many events of each rule were left out since its rule set came into force: also over a restart of the service. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceEngine } from "../engine.ts";
import type { Paths } from "../paths.ts";
import { readState } from "../run-files/state-files.ts";

interface Saved {
  readonly ringId: string;
  readonly generation: number;
  readonly rules: readonly (readonly [name: string, count: number])[];
}

export class ThrottleCounts {
  readonly #engine: Pick<ServiceEngine, "ringId" | "current">;
  readonly #file: string;
  #generation: number;
  #counts = new Map<string, number>();
  #isSaved = true;

  constructor(
    engine: Pick<ServiceEngine, "ringId" | "current">,
    { runDir }: Pick<Paths, "runDir">,
  ) {
    this.#engine = engine;
    this.#file = join(runDir, "throttled.json");
    this.#generation = engine.current?.generation ?? 0;
    const saved = this.#read();
    if (saved?.ringId === engine.ringId && saved.generation === this.#generation)
      this.#counts = new Map(saved.rules);
  }

  of(rule: string): number {
    return this.#current().get(rule) ?? 0;
  }

  /** By the number of the site. What a rule set left in the ring that is not in force any more counts for none of its rules. */
  add(counts: ReadonlyMap<number, number>): void {
    const known = this.#current();
    const { firstSite = 0, sites = [] } = this.#engine.current ?? {};
    for (const [site, count] of counts) {
      const rule = sites[site - firstSite]?.rule.name;
      if (rule === undefined) continue;
      known.set(rule, (known.get(rule) ?? 0) + count);
      this.#isSaved = false;
    }
  }

  /** The reports in the history are exact whatever becomes of this file: it may lack the last second of a killed service. */
  save(): void {
    if (this.#isSaved) return;
    const { ringId } = this.#engine;
    const saved: Saved = { ringId, generation: this.#generation, rules: [...this.#counts] };
    try {
      writeFileSync(this.#file, JSON.stringify(saved), { mode: 0o600 });
      this.#isSaved = true;
    } catch {
      // they are counted on, until the service ends, and written once there is room
    }
  }

  #current(): Map<string, number> {
    const generation = this.#engine.current?.generation ?? 0;
    if (generation !== this.#generation) {
      this.#generation = generation;
      this.#counts.clear();
      this.#isSaved = false;
    }
    return this.#counts;
  }

  /** A service that was killed may have left half of the file. */
  #read(): Saved | undefined {
    try {
      return JSON.parse(readState(this.#file) ?? "null") ?? undefined;
    } catch {
      return undefined;
    }
  }
}
