// The kernel tests in one guest after the other, and the outcome of each; started by scripts/vm/test.ts.

import { type GuestResult, runInGuest } from "./boot.ts";
import { BootPreparation } from "./boot-preparation.ts";
import { CHECKOUT, guestEnvironment } from "./guest-environment.ts";
import { bootsSystemd, findKernel, type Kernel } from "./kernels.ts";
import { reportResult } from "./report.ts";
import { RigError, reportRigError } from "./rig-error.ts";
import { DEFAULT_BOOT_TIMEOUT_S } from "./run-options.ts";
import { TestCounts } from "./test-counts.ts";
import { NODE, planTests } from "./test-plan.ts";

const DEFAULT_TIMEOUT_S = 1800;
/**
 * A guest that crashes is started once more, and both outcomes are reported. The emulator is at fault now and then: it gave a
 * kernel the low half of an address as its flags. A program of ours that breaks a kernel breaks it again.
 */
const ATTEMPTS = 2;
/** How much is tried where quantity is the point: what a machine does in seconds takes the emulator half an hour. */
const SMALLER_AMOUNTS = { SCT_DIFFERENTIAL_PAIRS: "4000", SCT_LOSS_CALLS: "100000" };

const USAGE = `Usage: npm run test:vm [-- KERNEL|FILE|--test-OPTION]...
Run the kernel tests, or those of FILEs, in guests with each KERNEL, or all kernels (scripts/rig/kernels.ts).
`;

async function main(words: readonly string[]): Promise<number> {
  if (words.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  // All of them first: a missing kernel should not be found out after the first guest's tests.
  const plan = planTests(words).map((guest) => ({ ...guest, kernel: findKernel(guest.kernel) }));
  const timeouts = {
    timeoutMs: timeoutFrom("SCT_VM_TIMEOUT", DEFAULT_TIMEOUT_S),
    bootTimeoutMs: timeoutFrom("SCT_VM_BOOT_TIMEOUT", DEFAULT_BOOT_TIMEOUT_S),
  };
  const summaries: string[] = [];
  let failed = 0;
  for (const { kernel, nodeArguments } of plan) {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      process.stdout.write(`\n== ${kernel.label}\n`);
      const counts = new TestCounts();
      counts.pipe(process.stdout, { end: false });
      const result = await testIn(kernel, nodeArguments, timeouts, counts);
      const isLast = result.outcome !== "crashed" || attempt === ATTEMPTS;
      if (reportResult(result) !== 0 && isLast) failed++;
      summaries.push(summarize(kernel, result, counts));
      if (isLast) break;
    }
  }
  process.stdout.write(`\n${summaries.join("\n")}\n`);
  return failed === 0 ? 0 : 1;
}

async function testIn(
  kernel: Kernel,
  nodeArguments: readonly string[],
  timeouts: { readonly timeoutMs: number; readonly bootTimeoutMs: number },
  stdout: TestCounts,
): Promise<GuestResult> {
  const preparation = bootsSystemd(kernel) ? new BootPreparation() : undefined;
  try {
    const env = {
      ...SMALLER_AMOUNTS,
      ...guestEnvironment(process.env),
      SCT_REQUIRE_KERNEL: "1",
      SCT_GUEST: kernel.name,
      ...preparation?.env,
    };
    const command = { argv: [NODE, ...nodeArguments], cwd: CHECKOUT, env };
    const before = preparation?.command(env);
    return await runInGuest({
      kernel,
      command,
      ...(before && { before }),
      ...timeouts,
      stdout,
      stderr: process.stderr,
    });
  } finally {
    preparation?.close();
  }
}

function summarize(kernel: Kernel, result: GuestResult, counts: TestCounts): string {
  const verdict =
    result.outcome === "exited" ? (result.status === 0 ? "passed" : "failed") : result.outcome;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const times = `boot ${seconds(result.bootMs)}, tests ${seconds(result.commandMs)}`;
  return [kernel.label, verdict, counts.summary || "no counts", times].join("  ");
}

/** Milliseconds from a variable that holds seconds. */
function timeoutFrom(variable: string, defaultSeconds: number): number {
  const text = process.env[variable];
  const seconds = text === undefined ? defaultSeconds : Number(text);
  if (seconds > 0) return seconds * 1000;
  throw new RigError("usage", `Cannot use "${text}" as ${variable}: seconds are wanted`);
}

process.exitCode = await main(process.argv.slice(2)).catch(reportRigError);
