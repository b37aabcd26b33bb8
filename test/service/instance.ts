/** An instance of the service of a test's own, with the commands as a user runs them. */
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Instance {
  readonly directory = mkdtempSync(join(tmpdir(), "sct-service-"));
  /** Programs whose lines are being read: a test that fails meanwhile ends them, too. */
  readonly #readers = new Set<ChildProcess>();
  /** Directory of the programs. */
  readonly #bin: string;

  private constructor(bin: string) {
    this.#bin = bin;
  }

  /** Unloaded and removed when the test ends. */
  static of(t: TestContext, bin = join(repository, "bin")): Instance {
    const instance = new Instance(bin);
    t.after(() => {
      for (const reader of instance.#readers) reader.kill();
      const { error } = spawnSync(join(bin, "sct_unload"), { env: instance.#env });
      if (error !== undefined) throw error;
      rmSync(instance.directory, { recursive: true });
    });
    return instance;
  }

  /** Runs `sct_load`, `sct_config` and so on. */
  run(program: string, ...args: readonly string[]): Promise<Ran> {
    return new Promise((resolve) => {
      const options = { env: this.#env, maxBuffer: 1 << 30 };
      execFile(join(this.#bin, program), args, options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  /** Runs a shell script with the programs in its path. */
  shell(script: string, ...wrapper: readonly string[]): Promise<Ran> {
    const [program = "sh", ...args] = [...wrapper, "sh", "-c", script];
    const env = { ...this.#env, PATH: `${this.#bin}:${process.env["PATH"]}` };
    return new Promise((resolve) => {
      execFile(program, args, { env, timeout: 120_000 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
      });
    });
  }

  /** Lines of what a program prints, one after the other: there may be more than fits into a string. Ends it behind. */
  async *lines(program: string, ...args: readonly string[]): AsyncGenerator<string> {
    const stdio = ["ignore", "pipe", "inherit"] as const;
    const child = spawn(join(this.#bin, program), args, { env: this.#env, stdio: [...stdio] });
    this.#readers.add(child);
    try {
      if (child.stdout !== null) yield* createInterface(child.stdout);
    } finally {
      child.kill();
      this.#readers.delete(child);
    }
  }

  write(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  get servicePid(): number {
    return Number.parseInt(readFileSync(join(this.directory, "run/lock"), "utf8"), 10);
  }

  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, SCT_STATE_DIR: this.directory };
  }
}
