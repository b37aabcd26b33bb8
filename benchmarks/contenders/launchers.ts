/** Tools that start the program that they watch. */
import { type Loop, pinned, readTimes, triggerCommand } from "../trigger.ts";
import type { Contender, Run, Watch } from "./contender.ts";
import { Tool, versionOf } from "./tool.ts";

/** Tracer and traced take turns: on one processor that is faster than waking up another each time. */
function strace(name: string, ...options: string[]): Contender {
  return {
    name,
    version: versionOf("strace", "--version"),
    async run(watch, loop, output) {
      if (watch.strace === undefined) return undefined;
      return launch(
        [...pinned, "strace", ...options, ...watch.strace, "-o", output, ...triggerCommand(loop)],
        loop,
      );
    },
  };
}

export const straceAll = strace("strace -f", "-f");
export const straceSeccomp = strace("strace -f --seccomp-bpf", "-f", "--seccomp-bpf");

export const perfTrace: Contender = {
  name: "perf trace",
  version: versionOf("perf", "--version"),
  async run(watch, loop, output) {
    if (watch.perf === undefined) return undefined;
    const command = [...pinned, ...triggerCommand(loop)];
    return launch(["perf", "trace", ...watch.perf, "-o", output, ...command], loop);
  },
};

export const bpftrace: Contender = {
  name: "bpftrace",
  version: versionOf("bpftrace", "--version"),
  async run(watch: Watch, loop, output) {
    if (watch.bpftrace === undefined) return undefined;
    const command = [...pinned, ...triggerCommand(loop)].join(" ");
    return launch(["bpftrace", "-o", output, "-e", watch.bpftrace, "-c", command], loop);
  },
};

/** These count no losses, or mention them among the lines only. */
async function launch(command: readonly string[], loop: Loop): Promise<Run> {
  const tool = new Tool(command, "pipe");
  await tool.ended;
  const { startNs, callNs } = readTimes(tool.stdout, loop);
  return {
    callNs,
    loadMs: Number(startNs - tool.startedNs) / 1e6,
    totalMs: Number(tool.endedNs - startNs) / 1e6,
    peakKib: tool.peakKib,
    reportedLost: undefined,
  };
}
