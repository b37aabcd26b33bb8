/** Some machines run no 32-bit code, whatever their kernel was built with: a guest that is paravirtualised, for one. */
import { spawnSync } from "node:child_process";
import type { TestContext } from "node:test";

const GETPID = "20";

/** False after skipping the test, which the guests' kernels run. `calls32`: test/programs/calls.c, built for i386. */
export function needs32Bit(t: TestContext, calls32: string): boolean {
  if ((process.env["SCT_GUEST"] ?? "") !== "") return true;
  // a shell tries what the kernel refuses to execute, in vain
  const { error, status } = spawnSync(calls32, ["native", GETPID], { stdio: "ignore" });
  if (error !== undefined) throw error;
  if (status === 0) return true;
  t.skip("32-bit programs do not run here");
  return false;
}
