/** What `sct load` does. */
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { escapeControls } from "../../base/escape.ts";
import type { Answers, Paths } from "../../daemon/index.ts";
import { reportStart, type StartReport } from "../../daemon/notify.ts";
import { ask, GONE, NotLoadedError, ServiceRefusedError } from "../../daemon/socket/client.ts";
import { type EarlyEnd, startService } from "../../daemon/start.ts";
import { hasUnit, startUnit } from "../../daemon/systemd.ts";
import { exitNow, isPassing } from "../../sys/index.ts";
import { calledAs } from "../called-as.ts";
import type { CommandArguments } from "../command.ts";
import { errorLines, exitCodeOf, isMachineFailure, reportError, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { plural } from "../plural.ts";
import { version } from "../version.ts";
import { printEscaped } from "./answer.ts";
import { findInstance } from "./instance.ts";
import { showingProgress } from "./showing-progress.ts";

/** For the start of a service by somebody else. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 50;
/** The problem of a service that runs without the rules of rules.conf or rules.d. */
const LACKS_RULES = /^the rules of .+ are not in force: /;

export async function runLoad(args: CommandArguments): Promise<ExitCode> {
  const [operand] = args.operands;
  if (operand !== undefined) throw new UsageError(`unexpected argument '${operand}'`);
  const paths = findInstance(args);
  if (args.has("foreground")) return stay(paths);
  const report = await showingProgress(paths, start(paths));
  if (typeof report === "number") {
    printEscaped(`sct load: loaded already, service ${report}`);
    return ExitCode.good;
  }
  for (const line of report.lines) printEscaped(report.ok ? `sct load: ${line}` : line);
  if (!report.ok) return report.exitCode as ExitCode;
  process.stdout.write(
    `Successfully loaded: service ${report.pid}, ${plural(report.rules, "rule")} in force\n`,
  );
  return report.lines.some((line) => LACKS_RULES.test(line)) ? ExitCode.found : ExitCode.good;
}

/** The process of a service that runs already, or how the start went. */
async function start(paths: Paths): Promise<number | StartReport> {
  const main = process.argv[1] ?? "";
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const running = await findRunning(paths);
    if (running?.isStarting === false) return running.pid;
    if (running !== undefined) {
      // somebody else has started it, and its rules do not act yet
      await sleep(RETRY_MS);
      continue;
    }
    if (hasUnit(paths)) return startByUnit(paths);
    const report = reportOf(await startService([main, "load", "--foreground"], paths));
    // somebody else starts one in this moment, and it is not ready yet
    const isBeaten = !report.ok && report.code === "running";
    if (!isBeaten || performance.now() > deadline) return report;
    await sleep(RETRY_MS);
  }
}

/** Of a service that ended without a word only the exit status says whether it was the machine. */
function reportOf(outcome: StartReport | EarlyEnd): StartReport {
  if ("ok" in outcome) return outcome;
  const { exitStatus, lines } = outcome;
  const isMachine = exitStatus === ExitCode.machine || exitStatus === ExitCode.again;
  return { ok: false, exitCode: isMachine ? ExitCode.machine : ExitCode.bug, lines };
}

async function startByUnit(paths: Paths): Promise<StartReport> {
  startUnit();
  const answer = await ask(paths, "status", { counts: false });
  if (!answer.ok) return { ok: false, exitCode: ExitCode.machine, lines: [answer.error.message] };
  const { pid, rules, problems } = answer;
  return { ok: true, pid, rules: rules.length, lines: problems };
}

async function findRunning(
  paths: Paths,
): Promise<Pick<Answers["status"], "pid" | "isStarting"> | undefined> {
  try {
    const answer = await ask(paths, "status", { counts: false });
    return answer.ok ? answer : undefined;
  } catch (error) {
    if (error instanceof NotLoadedError) return undefined;
    // killed just now: its successor waits until it has ended
    if (error instanceof ServiceRefusedError && error.code === GONE) return undefined;
    throw error;
  }
}

/** Where nobody can be notified, because the disk of the log is full, the service continues. */
function log(line: string): void {
  try {
    writeSync(2, `syscalltrackd: ${escapeControls(line)}\n`);
  } catch {
    // status says what lasts
  }
}

/**
 * This process is the service. Where it cannot start, the starter gets the reason. Its exit status shows systemd whether
 * another start may help: a failure after the start, or one that may be over soon, has a status of its own.
 */
async function stay(paths: Paths): Promise<never> {
  let exitCode: ExitCode = ExitCode.good;
  let isReady = false;
  try {
    const { runService } = await import("../../daemon/run.ts");
    const { ended } = await runService(paths, version(), log);
    isReady = true;
    await ended;
    exitNow(exitCode);
  } catch (error) {
    exitCode = exitCodeOf(error);
    const called = calledAs("load");
    const lines = errorLines(error, called);
    const code = isMachineFailure(error) ? { code: error.code } : {};
    if (!reportStart({ ok: false, exitCode, ...code, lines })) reportError(error, called);
    if (exitCode === ExitCode.machine && (isReady || isPassing(error))) exitCode = ExitCode.again;
  }
  // a service that failed has connections and timers left; rules act without it, and it is started again
  process.exit(exitCode);
}
