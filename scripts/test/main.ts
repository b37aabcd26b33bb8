/**
 * `npm test`: unit tests in a few processes, then those that start programs, a process for each file. Options of
 * `node --test` on the command line are for all.
 *
 * Tests start Node many times over. What it compiles of the sources is kept in node_modules for the next start, and for
 * the next run. A signal that would end this process ends all of them: a shell and `npm` would leave them running.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/**
 * Rooms whose tests share a process: a file of its own would compile the room again for each. What the compiler's and the
 * language's leave behind makes every collection of garbage in the same process slower.
 */
const TOGETHER = ["compiler", "language", "{daemon,store}", "!(compiler|language|daemon|store)"];
const STEPS = [
  ...TOGETHER.map((rooms) => ["--test-isolation=none", `src/${rooms}/**/*.test.ts`]),
  ["test/*.test.ts"],
];
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** MiB for what is young: thousands of small compilations in one process spend less of their time on garbage. */
const YOUNG = "--max-semi-space-size=64";
/** What handles the signal has this long. */
const GRACE_MS = 1000;

const cache = fileURLToPath(new URL("../../node_modules/.cache/compiled", import.meta.url));
const env = { NODE_COMPILE_CACHE: cache, ...process.env };

let running: ChildProcess | undefined;
let ended: NodeJS.Signals | undefined;

for (const signal of SIGNALS)
  process.on(signal, () => {
    ended ??= signal;
    toAll("SIGTERM");
    setTimeout(() => toAll("SIGKILL"), GRACE_MS).unref();
  });

/** Sends it to the tests that run, and what they have started: one process group. */
function toAll(signal: NodeJS.Signals): void {
  if (running?.pid === undefined) return;
  try {
    process.kill(-running.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Whether all tests of these files pass. */
async function run(args: readonly string[]): Promise<boolean> {
  running = spawn(process.execPath, [YOUNG, "--test", ...process.argv.slice(2), ...args], {
    detached: true,
    env,
    stdio: "inherit",
  });
  const [code] = await once(running, "exit");
  return code === 0;
}

for (const step of STEPS)
  if (ended !== undefined || !(await run(step))) {
    process.exitCode = 1;
    break;
  }
if (ended !== undefined) {
  // what is left of the group when the first of it is gone
  toAll("SIGKILL");
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  process.kill(process.pid, ended);
}
