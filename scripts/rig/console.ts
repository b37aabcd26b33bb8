// The guest's kernel log as it comes over the serial line.

const KEPT_LINES = 400;
const TAIL_LINES = 40;
const CRASH = /Kernel panic|\bOops\b|\bBUG: (?!soft lockup|workqueue lockup)|sct-vm: failed/;
const WARNING = /WARNING: CPU: \d+ PID|soft lockup|rcu.*detected.*stall/;

export class Console {
  #lines: string[] = [];
  #partial = "";
  #crash: string | undefined;
  readonly warnings: string[] = [];

  push(text: string): void {
    const lines = (this.#partial + text).split(/\r?\n/);
    this.#partial = lines.pop() ?? "";
    for (const line of lines) {
      if (CRASH.test(line)) this.#crash ??= line;
      if (WARNING.test(line)) this.warnings.push(line);
    }
    this.#lines = [...this.#lines, ...lines].slice(-KEPT_LINES);
  }

  /** The first line that reports a crash. */
  get crash(): string | undefined {
    return this.#crash;
  }

  /** The last lines, from the crash on where there is one. */
  tail(): string {
    const all = this.#partial ? [...this.#lines, this.#partial] : this.#lines;
    const crashAt = this.#crash === undefined ? -1 : all.indexOf(this.#crash);
    const from = crashAt < 0 ? all.length - TAIL_LINES : crashAt;
    return all
      .slice(Math.max(0, from))
      .slice(0, 2 * TAIL_LINES)
      .join("\n");
  }
}
