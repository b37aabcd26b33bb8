// Runs one command in a guest; started by scripts/vm/run.ts.

import { runInGuest } from "./boot.ts";
import { guestEnvironment } from "./guest-environment.ts";
import { findKernel } from "./kernels.ts";
import { reportResult } from "./report.ts";
import { reportRigError } from "./rig-error.ts";
import { parseRunOptions, RUN_USAGE } from "./run-options.ts";

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === "--help") {
    process.stdout.write(RUN_USAGE);
    return 0;
  }
  const options = parseRunOptions(args);
  const kernel = findKernel(options.kernel);
  const work = {
    cwd: process.cwd(),
    env: { SCT_GUEST: kernel.name, ...guestEnvironment(process.env, options.env) },
  };
  const { before } = options;
  const result = await runInGuest({
    kernel: { ...kernel, append: [...kernel.append, ...options.append] },
    command: { ...work, argv: options.command },
    ...(before === undefined ? {} : { before: { ...work, argv: ["/bin/sh", "-c", before] } }),
    writable: options.writable,
    memoryMb: options.memoryMb,
    timeoutMs: options.timeoutMs,
    bootTimeoutMs: options.bootTimeoutMs,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  });
  process.stdin.destroy();
  if (options.time) {
    const seconds = (ms: number) => (ms / 1000).toFixed(1);
    process.stderr.write(
      `vm: boot ${seconds(result.bootMs)} s, command ${seconds(result.commandMs)} s\n`,
    );
  }
  return reportResult(result);
}

process.exitCode = await main(process.argv.slice(2)).catch(reportRigError);
