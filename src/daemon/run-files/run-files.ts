/** The run directory under a living service: what somebody removes of it is made again, and said. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { MachineError, SyscallError } from "../../sys/index.ts";
import type { ServiceEngine } from "../engine.ts";
import type { Paths } from "../paths.ts";
import type { ControlServer } from "../socket/control-server.ts";
import type { LockFile } from "./lock-file.ts";
import type { OwnLog } from "./service-log.ts";

/** The holder of the lock that was made where ours was removed is starting, finds us and gives it back: it is tried this often, for a second. */
const RETRY_MS = 10;
const RETRIES = 100;

export interface RunFilesOptions {
  readonly paths: Pick<Paths, "runDir" | "lock" | "serviceLog" | "socket">;
  readonly lock: Pick<LockFile, "isInPlace" | "retake">;
  readonly log: Pick<OwnLog, "isInPlace" | "begin">;
  readonly control: Pick<ControlServer, "isInPlace" | "listenAgain">;
  readonly engine: Pick<ServiceEngine, "describeAgain">;
  readonly report: (line: string) => void;
}

export class RunFiles {
  readonly #options: RunFilesOptions;
  #problem: string | undefined;
  /** What was made again last, until somebody has seen it: the service is asked to reload. */
  #mended: string | undefined;
  #isMending = false;
  #isEnded = false;

  constructor(options: RunFilesOptions) {
    this.#options = options;
  }

  get problems(): readonly string[] {
    return [this.#problem, this.#mended].filter((one) => one !== undefined);
  }

  /** Nothing is made any more: the lock is about to be given back. */
  end(): void {
    this.#isEnded = true;
  }

  forgetMended(): void {
    this.#mended = undefined;
  }

  /** Once a second. What cannot be made now is tried again. */
  async mend(): Promise<void> {
    if (this.#isMending || this.#isEnded) return;
    this.#isMending = true;
    const { runDir } = this.#options.paths;
    const made: string[] = existsSync(runDir) ? [] : [runDir];
    try {
      this.#setProblem(await this.#makeMissing(made));
    } catch (error) {
      if (!(error instanceof MachineError || error instanceof SyscallError)) throw error;
      this.#setProblem(
        `the service may not be reached, and the next one may not know its rules: ${error.message}; it is tried again every second: make room for ${runDir}, or start the service again, rules keep acting`,
      );
    } finally {
      this.#isMending = false;
      if (existsSync(runDir)) this.#say(made);
    }
  }

  /** Adds to `made`. The lock is first: its holder may touch the rest. Throws what went wrong first, when all was tried. */
  async #makeMissing(made: string[]): Promise<string | undefined> {
    const { paths, lock, log, control, engine } = this.#options;
    if (!lock.isInPlace) {
      if (!(await this.#retake()))
        return `the lock ${paths.lock} was removed, and another process has the one that is there now: it is tried again every second`;
      made.push(paths.lock);
    }
    const errors: unknown[] = [];
    const step = async (name: string, act: () => boolean | Promise<boolean>): Promise<void> => {
      try {
        if (!this.#isEnded && (await act())) made.push(name);
      } catch (error) {
        errors.push(error);
      }
    };
    await step(paths.socket, async () => {
      if (control.isInPlace) return false;
      await control.listenAgain();
      return true;
    });
    await step(paths.serviceLog, () => {
      if (log.isInPlace) return false;
      log.begin();
      return true;
    });
    await step("what the next service must know of the rules", () => engine.describeAgain());
    if (errors.length > 0) throw errors[0];
    return undefined;
  }

  async #retake(): Promise<boolean> {
    for (let tries = 0; tries < RETRIES && !this.#isEnded; tries++) {
      if (this.#options.lock.retake()) return true;
      await sleep(RETRY_MS);
    }
    return false;
  }

  #say(made: readonly string[]): void {
    if (made.length === 0) return;
    const at = new Date().toISOString();
    this.#mended = `somebody has removed files of the living service, which were made again at ${at}: ${made.join(", ")}`;
    this.#options.report(this.#mended);
  }

  #setProblem(problem: string | undefined): void {
    if (problem !== undefined && problem !== this.#problem) this.#options.report(problem);
    this.#problem = problem;
  }
}
