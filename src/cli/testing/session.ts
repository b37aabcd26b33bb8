/**
 * `sct` for tests of what commands print: one process carries out many command lines. That of each command would take a
 * start of Node. What depends on the process itself (signals, pipes, bytes of arguments) has one of its own in its test.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface SessionRequest {
  readonly argv: readonly string[];
  readonly directory: string;
}

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  /** Empty where both outputs are one. */
  readonly stderr: string;
}

const main = fileURLToPath(new URL("session-main.ts", import.meta.url));
/** Node appends to a file that was opened so, also after it was emptied. */
const APPEND = "a+";

export class Session {
  readonly #directory = mkdtempSync(join(tmpdir(), "sct-session-"));
  readonly #stdout = openSync(join(this.#directory, "stdout"), APPEND);
  readonly #stderr: number;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;

  /** With `isMerged`, standard error is where standard output is, as behind `2>&1`. */
  constructor(env = process.env, isMerged = false) {
    this.#env = env;
    this.#stderr = isMerged ? this.#stdout : openSync(join(this.#directory, "stderr"), APPEND);
  }

  /** `sct` with these arguments in a directory. Fails if the process ends. */
  async run(argv: readonly string[], directory = process.cwd()): Promise<CommandResult> {
    for (const fd of this.#outputs()) ftruncateSync(fd);
    this.#child ??= this.#start();
    const waiting = new AbortController();
    const { signal } = waiting;
    const answer = once(this.#child, "message", { signal });
    const end = once(this.#child, "exit", { signal });
    this.#child.send({ argv, directory } satisfies SessionRequest);
    const [first] = await Promise.race([answer, end]);
    waiting.abort();
    await Promise.allSettled([answer, end]);
    const stdout = this.#read("stdout");
    const stderr = this.#stderr === this.#stdout ? "" : this.#read("stderr");
    assert.ok(
      this.#child.connected,
      `sct ${argv.join(" ")} ended the process:\n${stdout}${stderr}`,
    );
    return { status: first, stdout, stderr };
  }

  close(): void {
    this.#child?.kill("SIGKILL");
    for (const fd of this.#outputs()) closeSync(fd);
    rmSync(this.#directory, { recursive: true });
  }

  #start(): ChildProcess {
    // as bin/sct does
    const args = ["--disable-warning=ExperimentalWarning", main];
    const stdio = ["ignore", this.#stdout, this.#stderr, "ipc"] as const;
    return spawn(process.execPath, args, { stdio: [...stdio], env: this.#env });
  }

  #outputs(): ReadonlySet<number> {
    return new Set([this.#stdout, this.#stderr]);
  }

  #read(name: "stdout" | "stderr"): string {
    return readFileSync(join(this.#directory, name), "utf8");
  }
}
