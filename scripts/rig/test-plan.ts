import { globSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "./guest-environment.ts";
import { bootsSystemd, KERNEL_NAMES, parseKernelSpec } from "./kernels.ts";
import { RigError } from "./rig-error.ts";

/** Run in every guest: what a host can run too, then what only a guest allows. */
const TEST_FILES = ["test/kernel/*.test.ts", "test/vm/*.test.ts"];
/** Run in a guest that systemd has booted. */
const SYSTEMD_TEST_FILES = ["test/systemd/*.test.ts"];

/** One kernel is enough: what is shown there is about systemd. */
export const DEFAULT_GUESTS = [...KERNEL_NAMES, "debian-6.12+init=systemd"];

/**
 * Not run in guests unless they are named: what they show depends on amounts, or on bytecode that is the same on
 * every kernel, and takes the emulator many minutes.
 */
const FOR_HOSTS = [
  "concurrency",
  "filters",
  "lifecycle",
  "losses",
  "order",
  "scale",
  "strace",
  "too-large",
].map((name) => `test/kernel/${name}.test.ts`);

/** What runs in one guest. */
export interface GuestPlan {
  readonly kernel: string;
  /** Arguments of the checkout's node. */
  readonly nodeArguments: readonly string[];
}

/** Words of `npm run test:vm -- WORD…`: kernels, test files (*.test.ts) and options of `node --test`. */
export function planTests(words: readonly string[]): readonly GuestPlan[] {
  const options = words.filter((word) => word.startsWith("--"));
  const named = words.filter((word) => word.endsWith(".test.ts"));
  const kernels = words.filter((word) => !options.includes(word) && !named.includes(word));
  const foreign = options.find((option) => !option.startsWith("--test-"));
  if (foreign) throw new RigError("usage", `Cannot pass on ${foreign}: only --test-… options are`);
  return (kernels.length > 0 ? kernels : DEFAULT_GUESTS).map((kernel) => {
    const files = named.length > 0 ? named : filesFor(kernel);
    // one process for all: what it takes to start, to probe the kernel and to build programs is paid once
    return { kernel, nodeArguments: ["--test", "--test-isolation=none", ...options, ...files] };
  });
}

function filesFor(kernel: string): string[] {
  const patterns = bootsSystemd(parseKernelSpec(kernel)) ? SYSTEMD_TEST_FILES : TEST_FILES;
  const files = globSync(patterns, { cwd: CHECKOUT }).sort();
  return files.filter((file) => !FOR_HOSTS.includes(file));
}

export const NODE = join(CHECKOUT, "node_modules", ".bin", "node");
