/**
 * Preloaded by a process that is measured: SIGUSR2 has it write the longest stalls of its loop since the last time to the
 * file that SCT_LOOP_DELAY names, as JSON of milliseconds: `wall`, and `cpu`, which other programs of the machine do not add to.
 */
import { renameSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

const { SCT_LOOP_DELAY: file } = process.env;
if (isMainThread && file !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  let cpu = 0;
  let last = cpuMs();
  const timer = setInterval(() => {
    const now = cpuMs();
    cpu = Math.max(cpu, now - last);
    last = now;
  }, 1);
  timer.unref();
  process.on("SIGUSR2", () => {
    writeFileSync(`${file}.new`, JSON.stringify({ wall: delays.max / 1e6, cpu }));
    renameSync(`${file}.new`, file);
    delays.reset();
    cpu = 0;
  });
}

/** Of this thread. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
