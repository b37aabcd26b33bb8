/** The file that brings the rules in force back after a reboot. A service that cannot write it continues without, and says so. */
import { existsSync } from "node:fs";
import { moveAside } from "../../store/index.ts";
import { isPassing, MachineError } from "../../sys/index.ts";
import type { Paths } from "../paths.ts";
import { type PreparedFile, prepareFile, readState } from "../run-files/state-files.ts";

/** Nothing is wrong with the file: the service is started again, and then finds it. */
export class UnreadableError extends MachineError {
  readonly code = "state";

  constructor(path: string, cause: unknown) {
    super(`Cannot read ${path}: ${(cause as Error).message}`, undefined, cause);
  }
}

export class SavedRules {
  /** Why the rules in force would not be those after a reboot; undefined: they would. */
  problem: string | undefined;
  readonly #file: string;
  readonly #report: (line: string) => void;
  /** What the file has could not be loaded; it is not overwritten, but put aside by the next change. */
  #isRefused = false;
  /** It lacks what is in force, and is to be written once it can be. */
  #isBehind = false;
  /** It was there. */
  #isThere = false;

  constructor({ rules }: Pick<Paths, "rules">, report: (line: string) => void) {
    this.#file = rules;
    this.#report = report;
  }

  /** What is in force is to be written again: it could not be, or somebody has removed it. */
  get needsMending(): boolean {
    return this.#isBehind || (this.#isThere && !existsSync(this.#file));
  }

  /** Undefined: there is nothing; null: it cannot be read. Throws UnreadableError. */
  read(): string | null | undefined {
    try {
      const text = readState(this.#file);
      this.#isThere = text !== undefined;
      return text;
    } catch (error) {
      if (isPassing(error)) throw new UnreadableError(this.#file, error);
      this.refuse(`the rules of ${this.#file} are not in force: ${(error as Error).message}`);
      return null;
    }
  }

  /** What it has stays there, and each start tries it again. */
  refuse(reason: string): void {
    this.#isRefused = true;
    this.problem = reason;
    this.#report(reason);
  }

  /**
   * Runs `act`, which is given whether there is a problem with saving `source`, and returns whether the rules are in force
   * then; only in that case the file is theirs.
   */
  async with(source: string, act: () => Promise<boolean>): Promise<void> {
    const { problem } = this;
    const isBehind = this.#isBehind;
    const file = await this.#prepare(source);
    let isMade = false;
    try {
      isMade = await act();
    } finally {
      if (!isMade) {
        file?.discard();
        this.problem = problem;
        this.#isBehind = isBehind;
      } else if (file !== undefined) await this.#commit(file);
    }
  }

  /** The rules in force are these. */
  async write(source: string): Promise<void> {
    const file = await this.#prepare(source);
    if (file !== undefined) await this.#commit(file);
  }

  async mend(source: string): Promise<void> {
    if (!this.needsMending) return;
    await this.write(source);
    if (!this.needsMending) this.#report(`rules in force are saved again in ${this.#file}`);
  }

  async #prepare(source: string): Promise<PreparedFile | undefined> {
    try {
      const file = await prepareFile(this.#file, source);
      this.problem = undefined;
      this.#isBehind = false;
      return file;
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  async #commit(file: PreparedFile): Promise<void> {
    try {
      if (this.#isRefused) {
        this.#report(`rules that could not be loaded are now in ${moveAside(this.#file)}`);
        this.#isRefused = false;
      }
      await file.commit();
      this.#isThere = true;
    } catch (error) {
      // the rules act already
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const problem = `rules in force are lost with a reboot: cannot write ${this.#file} (${code})`;
    if (problem !== this.problem) this.#report(`${problem}: ${message}`);
    this.problem = problem;
    this.#isBehind = true;
  }
}
