/**
 * What may be tried in a guest only: rules that act on every process, calls that change the machine. Files of
 * test/vm leave themselves out on a host; what they expect depends on the kernel that the guest is named after.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { openKernelEngine } from "../../src/engines/kernel/index.ts";
import { checked, run } from "../kernel/watching.ts";

export const GUEST = process.env["SCT_GUEST"] ?? "";

/** Kernels that let a program decide what a call returns, whether or not a security hook sees it. */
export const INJECTS_ERRORS = GUEST.startsWith("errinj-");

/** A task that runs in the kernel can be interrupted for another one. */
export const IS_PREEMPTIVE = /\bpreempt=full\b/.test(readFileSync("/proc/cmdline", "latin1"));

/** Programs at the functions of calls may wait for text to be brought into memory. */
export const WAITS_FOR_TEXT = INJECTS_ERRORS && !IS_PREEMPTIVE;

/** False if the test must be left out here. */
export function needsGuest(t: TestContext): boolean {
  if (GUEST !== "") return true;
  t.skip("needs a guest: npm run test:vm");
  return false;
}

/** What loading the rules is refused with, message and hint in one text for each; fails if they are accepted. */
export function refusals(text: string): string[] {
  const result = openKernelEngine(checked(text));
  if (result.ok) {
    result.engine.close();
    assert.fail(`accepted: ${text}`);
  }
  return result.diagnostics.map(({ message, hint }) => `${message}; ${hint}`);
}

/** Letter of the state of a process, as in ps: T stopped, Z dead. */
export function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2)[0] ?? "";
}

/** Looks again until the condition holds. */
export async function waitFor(condition: () => boolean, what: () => string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, what());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const built = new Map<string, string>();

/** A built program of test/programs. */
export function program(name: "effects" | "sockets" | "swap" | "swap-address" | "uring"): string {
  const known = built.get(name);
  if (known !== undefined) return known;
  const to = join(place(), name);
  const source = new URL(`../programs/${name}.c`, import.meta.url).pathname;
  execFileSync("gcc", ["-O1", "-pthread", "-o", to, source]);
  built.set(name, to);
  return to;
}

/** A new directory on a tmpfs: an overlay changes the inodes of files that are written to. */
export function place(): string {
  const directory = mkdtempSync(join(tmpdir(), "sct-vm-"));
  chmodSync(directory, 0o755);
  return directory;
}

/** Runs shell lines as root in a directory; gives what they print, errors included. */
export async function shell(directory: string, script: string): Promise<string> {
  const { output } = await run(["/bin/sh", "-c", `cd ${directory} && { ${script}\n} 2>&1`], {
    uid: 0,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" },
  });
  return output;
}
