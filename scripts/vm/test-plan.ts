import { globSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "./guest-environment.ts";
import { KERNEL_NAMES } from "./kernels.ts";
import { RigError } from "./rig-error.ts";

/** Run in every guest: what a host can run too, then what only a guest allows. */
const TEST_FILES = ["test/kernel/*.test.ts", "test/vm/*.test.ts"];

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

export interface TestPlan {
  readonly kernels: readonly string[];
  /** Arguments of the checkout's node. */
  readonly nodeArguments: readonly string[];
}

/** Words of `npm run test:vm -- WORD…`: kernels, test files (*.test.ts) and options of `node --test`. */
export function planTests(words: readonly string[]): TestPlan {
  const options = words.filter((word) => word.startsWith("--"));
  const named = words.filter((word) => word.endsWith(".test.ts"));
  const kernels = words.filter((word) => !options.includes(word) && !named.includes(word));
  const foreign = options.find((option) => !option.startsWith("--test-"));
  if (foreign) throw new RigError("usage", `Cannot pass on ${foreign}: only --test-… options are`);
  const files = named.length > 0 ? named : filesForGuests();
  return {
    kernels: kernels.length > 0 ? kernels : KERNEL_NAMES,
    // one process for all: what it takes to start, to probe the kernel and to build programs is paid once
    nodeArguments: ["--test", "--test-isolation=none", ...options, ...files],
  };
}

function filesForGuests(): string[] {
  const files = globSync(TEST_FILES, { cwd: CHECKOUT }).sort();
  return files.filter((file) => !FOR_HOSTS.includes(file));
}

export const NODE = join(CHECKOUT, "node_modules", ".bin", "node");
