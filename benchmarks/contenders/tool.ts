/** Programs that are measured while they run. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const MEMORY_SAMPLE_MS = 50;

export class Tool {
  readonly startedNs = process.hrtime.bigint();
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  endedNs = 0n;
  stdout = "";
  stderr = "";
  peakKib = 0;
  private onText: () => void = () => {};

  constructor(command: readonly string[], stdout: "pipe" | number, options: SpawnOptions = {}) {
    const [program, ...args] = command as [string, ...string[]];
    this.child = spawn(program, args, { ...options, stdio: ["ignore", stdout, "pipe"] });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.onText();
    });
    const sampler = setInterval(() => this.sampleMemory(), MEMORY_SAMPLE_MS);
    this.ended = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", () => {
        this.endedNs = process.hrtime.bigint();
        clearInterval(sampler);
        resolve();
      });
    });
  }

  /** Resolves when the text was printed to standard error; rejects if the program ends before. */
  printed(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.onText = () => {
        if (this.stderr.includes(text)) resolve();
      };
      this.onText();
      this.ended.then(() => reject(new Error(`it ended: ${this.stderr.slice(0, 500)}`)), reject);
    });
  }

  sampleMemory(): void {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
      const peak = /^VmHWM:\s*(\d+)/m.exec(status)?.[1];
      this.peakKib = Math.max(this.peakKib, Number(peak ?? 0));
    } catch {
      // it ends just now
    }
  }
}

/** First line of what a program says about its version; undefined: there is no such program. */
export function versionOf(program: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? stdout.split("\n")[0]?.replace(/^\D*/, "") : undefined;
}
