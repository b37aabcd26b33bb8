/**
 * Whether the kernel measures how long programs run. It does for all BPF programs of the machine, and each run then
 * takes some ten nanoseconds more: so only while the configuration says so or somebody asks.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { bpfEnableStats } from "../../bpf/index.ts";
import type { Fd } from "../../sys/index.ts";

export class KernelStats {
  readonly #report: (line: string) => void;
  /** Measuring ends with it. */
  #always: Fd | undefined;

  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  /** As configured; a kernel that cannot is reported. */
  configure(isOn: boolean): void {
    if (!isOn) {
      this.close();
      return;
    }
    try {
      this.#always ??= bpfEnableStats();
    } catch (error) {
      this.#report(`the time of programs is not measured: ${(error as Error).message}`);
    }
  }

  /** Measures for a time. Throws SyscallError. */
  async measure(ms: number): Promise<void> {
    using _statistics = bpfEnableStats();
    await sleep(ms);
  }

  close(): void {
    this.#always?.close();
    this.#always = undefined;
  }
}
