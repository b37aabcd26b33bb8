/** Runs a command under rules and leaves with its exit status. */

import { existsSync } from "node:fs";
import { constants } from "node:os";
import type { Diagnostic } from "../../base/diagnostic.ts";
import { ENOENT } from "../../base/linux-abi.ts";
import { diagnosticToJson, formatDiagnostic } from "../../base/print-diagnostic.ts";
import { timestampText } from "../../base/timestamp.ts";
import { bootOffsetNs, eventNames } from "../../engines/context/index.ts";
import type { EngineCounters } from "../../engines/engine.ts";
import { ENGINES } from "../../engines/engines.ts";
import {
  environmentValue,
  type Finished,
  findProgram,
  lastArguments,
  ownEnvironment,
  type SupervisedEngine,
} from "../../engines/supervised/index.ts";
import {
  formatThrottled,
  JsonFormatter,
  type Site,
  TextFormatter,
  WallClock,
} from "../../events/index.ts";
import { reasonOf } from "../../files/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import type { DeniedByPolicy } from "../../library/protocol.ts";
import { dieBySignal, EACCES, errnoName, native, takeStandardOutput } from "../../sys/index.ts";
import { openAsking, rulesOfAsking } from "../ask/open.ts";
import type { CommandArguments } from "../command.ts";
import { writeCounts } from "../count-lines.ts";
import { errorLines, InputError, UsageError } from "../errors.ts";
import type { ExitCode } from "../exit-codes.ts";
import type { UseRecorder } from "../learn/recorder.ts";
import { userHome } from "../packs/find.ts";
import { asksForScripts, runWithScripts } from "../packs/install-scripts.ts";
import { plural } from "../plural.ts";
import { loadRules } from "../rules.ts";
import { seedOf } from "../seed.ts";
import { widthOf } from "../terminal.ts";
import { summarize } from "../watch/summary.ts";
import { writeWhole } from "../write-whole.ts";
import { ByName, connectionLine } from "./by-name.ts";
import { deniedLines } from "./denied.ts";
import { openDescriptor } from "./open-descriptor.ts";
import {
  rawDiagnostics as printDiagnostics,
  rawNotice as printNotice,
  rawLine as printRaw,
} from "./raw-output.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import { isOfReport, SESSION_RULES } from "./session-rules.ts";
import { handleSignals } from "./signals.ts";
import { LineStream } from "./stream.ts";

/** What only this command exits with, as env(1) and timeout(1) do. */
export const RunExit = { ourFailure: 125, notExecutable: 126, notFound: 127, signal: 128 } as const;
/** Warnings of the whole machine: the command mounts nothing for others, and no overlay of a rule's files. */
export const SYSTEM_WIDE = ["left_open"];

/** Never returns: Node's own way out would restore the terminal as it was before CMD. */
export async function runCommand(args: CommandArguments): Promise<ExitCode> {
  try {
    return leave(await (asksForScripts(args) ? superviseScripts(args) : supervise(args)));
  } catch (error) {
    for (const line of errorLines(error, "sct run")) printRaw(line);
    return native().exitNow(RunExit.ourFailure);
  }
}

/** Nobody shall take the command itself for held. */
const NO_SCRIPT =
  "no install script was started by npm: the pack has held nothing, and other programs start theirs without it";

/** Each install script is a run of its own. */
async function superviseScripts(args: CommandArguments): Promise<Finished | number> {
  // what is wrong with rules is an error before anything runs
  if (loadRules(args, printDiagnostics, [], SYSTEM_WIDE) === undefined) return RunExit.ourFailure;
  const stream = openStream(args);
  const { code, signal, failure } = await runWithScripts(args, (scripts) => {
    for (const { script, lines, notices } of args.has("quiet") ? [] : scripts) {
      for (const line of lines) stream.text.string(`${script}: ${line}\n`);
      stream.flush();
      for (const line of notices) printRaw(`${line.replace(/^sct: /, `sct: ${script}: `)}`);
    }
    if (scripts.length === 0) printNotice(NO_SCRIPT);
  });
  await stream.close();
  if (failure !== undefined) {
    printNotice(`cannot run '${args.operands[0]}': ${failure}`);
    return failure === "ENOENT" ? RunExit.notFound : RunExit.notExecutable;
  }
  if (signal === null) return code ?? RunExit.ourFailure;
  dieBySignal(constants.signals[signal]);
  return RunExit.signal + constants.signals[signal];
}

async function supervise(args: CommandArguments): Promise<Finished | number> {
  const argv = commandLine(args);
  const output = args.last("output");
  const warnings: Diagnostic[] = [];
  // what is no error is said where the lines are, and not among what the command prints
  const print = (diagnostics: readonly Diagnostic[]): void => {
    const isApart = ({ severity }: Diagnostic): boolean =>
      severity === "warning" && (output !== undefined || args.has("json-fd"));
    warnings.push(...diagnostics.filter(isApart));
    printDiagnostics(diagnostics.filter((one) => !isApart(one)));
  };
  const report = args.last("report");
  const watched = report === undefined ? [] : [SESSION_RULES];
  const ruleSet = loadRules(args, print, [...rulesOfAsking(args), ...watched], SYSTEM_WIDE);
  if (ruleSet === undefined) return RunExit.ourFailure;
  // those of the user
  const rules = ruleSet.rules.filter((rule) => !isOfReport(rule));
  const environment = ownEnvironment();
  const [name = Buffer.alloc(0)] = argv;
  const found = findProgram(name, environmentValue(environment, "PATH"));
  if (found.kind !== "found") {
    printNotice(
      `cannot run '${name}': ${found.kind === "not found" ? "not found" : "permission denied"}`,
    );
    return found.kind === "not found" ? RunExit.notFound : RunExit.notExecutable;
  }

  const isJson = args.has("json") || args.has("json-fd");
  const isQuiet = args.has("quiet");
  const isSilent = (rule: CheckedRule): boolean => report !== undefined && !hasLine(rule, isJson);
  const hasPolicy = rules.some(({ policy }) => policy !== undefined);
  const keepsReasons = report !== undefined || (hasPolicy && !isQuiet);
  // what is asked about comes behind what was reported
  const stream = openStream(args);
  const asking = args.has("ask")
    ? openAsking(args, ruleSet.rules, () => stream.flush())
    : undefined;
  let session: SessionRecorder | undefined;
  let recorder: UseRecorder | undefined;
  const byName = await ByName.open({
    rules,
    environment,
    onConnection(connection) {
      session?.connection(connection);
      recorder?.connection(connection);
      const line = connectionLine(connection, isJson);
      if (line === undefined) return;
      stream.text.string(`${line}\n`);
      stream.added();
    },
    report: printNotice,
  });
  const opened = await ENGINES.supervised.open({
    rules: ruleSet.rules,
    proxyPort: byName.port,
    // a filter that answers by itself counts nothing
    reportsAll: isJson || !isQuiet || report !== undefined || asking !== undefined,
    showsAll: isJson,
    isSilent,
    ask: asking?.prompt.ask,
    permissions: asking?.permissions,
    seed: seedOf(args),
    report: printNotice,
  });
  if (!opened.ok) {
    printDiagnostics(opened.diagnostics);
    return RunExit.ourFailure;
  }
  const { engine } = opened;
  for (const notice of [...(asking?.notices ?? []), ...engine.notices]) printNotice(notice);
  addWarnings(warnings, isJson, stream);
  const context = { clock: new WallClock(bootOffsetNs()), names: eventNames(), generation: 1 };
  const formatter = new (isJson ? JsonFormatter : TextFormatter)(engine.sites, context);
  handleSignals(engine, (signal) => {
    dieBySignal(constants.signals[signal]);
    native().exitNow(RunExit.signal + constants.signals[signal]);
  });
  const command = { program: found.path, argv, environment: byName.environment };
  if (keepsReasons) recorder = await openRecorder(engine.sites);
  if (report !== undefined) session = await openSession(engine, isSilent);
  const sink = {
    record(memory: Uint8Array, offset: number, length: number): void {
      session?.record(memory, offset, length);
      if (session?.isSilent === true) return;
      formatter.format(memory, offset, length, stream.text);
      stream.added();
      recorder?.record(memory, offset, length);
    },
  };
  void engine.events(sink, Number.POSITIVE_INFINITY);
  const finished = await engine.run(command).finally(() => asking?.prompt.close());
  await byName.close();
  const counters = engine.counters();
  if (isJson) addLimited(counters, stream);
  const width = output === undefined ? widthOf(process.stderr) : undefined;
  writeCounts(engine.counts(), isJson, stream.text, width);
  await stream.close();
  // where events are JSON they report it themselves, and other lines among them would be in the way
  const isApart = output !== undefined || args.has("json-fd");
  const isSaid = !isQuiet && (!isJson || isApart);
  const reasons = recorder === undefined ? undefined : await import("./why.ts");
  const why = reasons?.whyDenied(rules, recorder?.tables ?? new Map(), userHome()) ?? [];
  if (!isJson || isApart) {
    const explained = new Set(isSaid ? explainedRules(rules, why) : []);
    const left = rules.filter((rule) => !explained.has(rule));
    const denied = isQuiet ? [] : deniedLines(left, engine.sites, counters);
    const names = isQuiet ? [] : byName.lines(left);
    for (const line of [...denied, ...names, ...summarize(counters)]) printNotice(line);
  }
  if (isSaid) for (const line of reasons?.whyLines(why) ?? []) printNotice(line);
  if (report !== undefined && session !== undefined) {
    const { reportText } = await import("./report.ts");
    const lostLines = stream.lost?.lines ?? 0;
    const run = { rules, counters, why, finished, argv, session, lostLines };
    reportFailure(() => writeWhole(report, reportText(report, run)));
  }
  const { lost } = stream;
  if (lost !== undefined)
    printNotice(
      `cannot write '${output ?? "standard error"}': ${reasonOf(lost.error)}; ${plural(lost.lines, "line")} lost`,
    );
  const { execErrno } = finished;
  if (execErrno === undefined) return finished;
  printNotice(`cannot run '${name}': ${execFailure(execErrno, found.path)}`);
  return execErrno === ENOENT ? RunExit.notFound : RunExit.notExecutable;
}

/** Of lists of policies: a line says what each has denied, and what to add. */
function explainedRules(
  rules: readonly CheckedRule[],
  why: readonly DeniedByPolicy[],
): readonly CheckedRule[] {
  const lists = new Set(
    why.flatMap(({ policy, lists: some }) => some.map(({ list }) => `${policy}.${list}`)),
  );
  return rules.filter(
    ({ policy }) => policy !== undefined && lists.has(`${policy.policy}.${policy.right}`),
  );
}

/** In JSON all that rules of the user do is an event. */
function hasLine(rule: CheckedRule, isJson: boolean): boolean {
  return !isOfReport(rule) && (isJson || rule.actions.some(({ type }) => type === "LOG"));
}

/** Of what policies deny; it is read only where a set has one. */
async function openRecorder(sites: readonly Site[]): Promise<UseRecorder> {
  const { UseRecorder } = await import("../learn/recorder.ts");
  return new UseRecorder(sites, { record() {} }, false);
}

/** Of all that the command does; it is read only where a report is wanted. */
async function openSession(
  engine: SupervisedEngine,
  isSilent: (rule: CheckedRule) => boolean,
): Promise<SessionRecorder> {
  const { SessionRecorder } = await import("./session-recorder.ts");
  return new SessionRecorder(engine.sites, isSilent, () => engine.rootPid);
}

/** The command has run: its status counts, whatever becomes of the report. */
function reportFailure(write: () => void): void {
  try {
    write();
  } catch (error) {
    for (const line of errorLines(error, "sct run")) printRaw(line);
  }
}

export function execFailure(errno: number, path: Uint8Array): string {
  if (errno === ENOENT)
    return existsSync(Buffer.from(path))
      ? "the program that its first line names, or its loader, is not there"
      : "not found";
  return errno === EACCES ? "permission denied" : errnoName(errno);
}

/** In JSON what limits have held back is an event of its own, too. */
function addLimited({ rules }: EngineCounters, { text }: LineStream): void {
  const limited = rules.flatMap(({ rule, limited: count }) => (count > 0 ? [[rule, count]] : []));
  if (limited.length === 0) return;
  const total = rules.reduce((sum, { limited: count }) => sum + count, 0);
  const ts = timestampText();
  text.string(`${formatThrottled({ total, rules: Object.fromEntries(limited) }, ts)}\n`);
}

/** CMD and its arguments as bytes: they need not be UTF-8. */
export function commandLine({ operands }: CommandArguments): Buffer[] {
  if (operands.length === 0) throw new UsageError("a command is missing: write it behind --");
  const argv = lastArguments(operands.length);
  const isSame = argv.every((one, i) => one.toString() === operands[i]);
  if (!isSame) throw new UsageError("options stand before the command: write -- before CMD");
  return argv;
}

function openStream(args: CommandArguments): LineStream {
  const file = args.last("output");
  const number = args.last("json-fd");
  if (number !== undefined) {
    if (file !== undefined) throw new UsageError("--json-fd and -o are both given");
    return new LineStream(openDescriptor(number));
  }
  try {
    return new LineStream(file === "-" ? takeStandardOutput() : file);
  } catch (error) {
    throw new InputError(`cannot write '${file}': ${reasonOf(error)}`);
  }
}

/** What is said of the rules, in front of the lines. */
function addWarnings(warnings: readonly Diagnostic[], isJson: boolean, stream: LineStream): void {
  for (const warning of warnings) {
    const text = isJson
      ? JSON.stringify({ v: 1, warning: diagnosticToJson(warning) })
      : formatDiagnostic(warning);
    stream.text.string(`${text}\n`);
    stream.added();
  }
}

export function leave(result: Finished | number): never {
  if (typeof result === "number") return native().exitNow(result);
  const { ending } = result;
  if (ending.kind === "exit") return native().exitNow(ending.code);
  dieBySignal(ending.signal);
  return native().exitNow(RunExit.signal + ending.signal);
}
