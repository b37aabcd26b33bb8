/** Rule sets whose records may be in the ring, the one in force last. */
import { type Generation, readManifests, removeManifest } from "./manifest.ts";

interface Known {
  readonly generation: Generation;
  /** Behind its last record in the ring. */
  end: number;
}

export class KnownGenerations {
  readonly #runDir: string;
  readonly #known: Known[] = [];

  constructor(runDir: string) {
    this.#runDir = runDir;
  }

  get all(): readonly Generation[] {
    return this.#known.map(({ generation }) => generation);
  }

  get last(): Known | undefined {
    return this.#known.at(-1);
  }

  /** Those that another process wrote down; `inForce`: 0: none is. Throws ManifestError. */
  takeOver({ isNew, inForce, end }: { isNew: boolean; inForce: number; end: number }): void {
    for (const { generation } of readManifests(this.#runDir)) {
      // one that was never put in force has no records; where none is in force, rules were being taken away
      const isFuture = inForce > 0 && generation.generation > inForce;
      if (isNew || isFuture) removeManifest(this.#runDir, generation.generation);
      else this.#known.push({ generation, end });
    }
  }

  /** One that is about to be in force. */
  add(generation: Generation): void {
    this.#known.push({ generation, end: Number.POSITIVE_INFINITY });
  }

  /** It did not come into force. */
  drop(generation: Generation): void {
    if (this.last?.generation === generation) this.#known.pop();
  }

  /** Those whose last record was read need not be known any more. `kept`: a number that no later one may have. */
  forget(position: number, kept: number): void {
    for (let oldest = this.#known[0]; oldest !== undefined; oldest = this.#known[0]) {
      const { generation } = oldest.generation;
      if (generation === kept || oldest.end > position) return;
      removeManifest(this.#runDir, generation);
      this.#known.shift();
    }
  }
}
