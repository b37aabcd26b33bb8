/** Kernel tests need root. Where CI requires them, a machine that cannot run them is a failure, not a skip. */
import type { TestContext } from "node:test";

/** False if the test must be left out here. */
export function needsKernel(t: TestContext): boolean {
  if (process.getuid?.() === 0) return true;
  if (process.env["SCT_REQUIRE_KERNEL"] === "1")
    throw new Error("kernel tests are required here and need root");
  t.skip("needs root");
  return false;
}
