/** The machine that systemd has booted with the package installed: machine/prepare.sh says what it has. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, rmdirSync, unlinkSync } from "node:fs";
import type { TestContext } from "node:test";

export const UNIT = "syscalltrackd.service";
/** What rule `prevent_delete` protects. */
export const PROTECTED = "/etc/inetd.conf";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** False if the test must be left out here. */
export function needsSystemd(t: TestContext): boolean {
  const isGuest = (process.env["SCT_GUEST"] ?? "") !== "";
  if (isGuest && /\binit=systemd\b/.test(readFileSync("/proc/cmdline", "utf8"))) {
    assert.equal(readFileSync("/proc/1/comm", "utf8"), "systemd\n");
    return true;
  }
  t.skip("needs a guest that systemd has booted: npm run test:vm -- debian-6.12+init=systemd");
  return false;
}

/** Runs a program of the machine, not of the checkout. */
export function run(program: string, ...args: readonly string[]): Promise<Ran> {
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", TZ: "UTC" };
  return new Promise((resolve) => {
    execFile(program, args, { env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}

/** What it prints; it must succeed. */
export async function said(program: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, ...args);
  assert.equal(code, 0, `${program} ${args.join(" ")}: ${stderr}${stdout}`);
  return stdout;
}

/** Properties of a unit: `await show("MainPID", "NRestarts")`. */
export async function show(...properties: readonly string[]): Promise<Record<string, string>> {
  return showOf(UNIT, ...properties);
}

export async function showOf(
  unit: string,
  ...properties: readonly string[]
): Promise<Record<string, string>> {
  const text = await said("systemctl", "show", `--property=${properties.join(",")}`, unit);
  const pairs = text.trimEnd().split("\n");
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
}

/** Tries to delete the protected file: the error, or "gone". */
export function tryToDelete(): string {
  try {
    unlinkSync(PROTECTED);
    return "gone";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "";
  }
}

/** Makes calls that rule `seen` logs, one for each name. */
export function callSeen(...names: readonly string[]): void {
  for (const name of names) {
    try {
      rmdirSync(`/nothing/${name}`);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, "ENOENT");
    }
  }
}

export interface SeenEvent {
  /** What the call was asked to remove, without /nothing/. */
  readonly name: string;
  readonly atMs: number;
}

/** What `sct log` has of rule `seen`. */
export async function seen(...options: readonly string[]): Promise<readonly SeenEvent[]> {
  const text = await said("sct", "log", "--json", "--rule", "seen", ...options);
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .map(({ ts, params }) => ({
      name: String(params[0].value).slice("/nothing/".length),
      atMs: Date.parse(ts),
    }));
}

/** Asks again until the answer is good; the last one where none was. */
export async function until<T>(
  ask: () => Promise<T> | T,
  isGood: (answer: T) => boolean,
): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (isGood(answer) || performance.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
