/** In the place of a history that is not wanted: keeps what was reported of losses, so that outputs get it once. */
import { join } from "node:path";
import type { Append } from "../../store/index.ts";
import type { Paths } from "../paths.ts";
import { readState, replaceFile } from "../run-files/state-files.ts";
import type { EventStore } from "./pump.ts";

export class NoStore implements EventStore {
  /** Why it cannot be kept; undefined: it is. */
  problem: string | undefined;
  readonly #file: string;
  #unsaved: string | undefined;

  constructor({ runDir }: Pick<Paths, "runDir">) {
    this.#file = join(runDir, "losses.json");
  }

  readonly placed = [];

  setGenerations(): void {}

  append({ reportedLosses }: Append): boolean {
    this.#unsaved = reportedLosses ?? this.#unsaved;
    this.maintain();
    return false;
  }

  position(): undefined {}

  reportedLosses(): string | undefined {
    try {
      return readState(this.#file);
    } catch {
      return undefined;
    }
  }

  maintain(): void {
    if (this.#unsaved === undefined) return;
    try {
      replaceFile(this.#file, this.#unsaved);
      this.#unsaved = undefined;
      this.problem = undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.problem = `losses may be reported twice: cannot write ${this.#file} (${code})`;
    }
  }
}
