/** `sct trace`: from the words of its command line to the exit status, as strace has both. */
import { statSync } from "node:fs";
import {
  attach,
  fileBehindLinks,
  filterFor,
  startCommand,
  TraceFiles,
  type TracePlan,
  Tracer,
} from "../../engines/strace/index.ts";
import {
  environmentValue,
  findProgram,
  lastArguments,
  ownEnvironment,
} from "../../engines/supervised/index.ts";
import { errnoText } from "../../linux/index.ts";
import { dieBySignal, Interrupts } from "../../sys/index.ts";
import { environmentOf } from "./environment.ts";
import { readInjection } from "./injection.ts";
import { applyOption } from "./options.ts";
import { planOf } from "./plan-of.ts";
import { rulesText } from "./print-rules.ts";
import { Settings } from "./settings.ts";
import { HELP, versionText } from "./texts.ts";
import { TraceUsageError } from "./usage-error.ts";
import { findUser } from "./users.ts";
import { readWords } from "./words.ts";

/** What strace exits with when it fails itself. */
const FAILED = 1;

export function runTrace(words: readonly string[]): number {
  try {
    return trace(words);
  } catch (error) {
    if (error instanceof TraceUsageError) {
      process.stderr.write(`sctrace: ${error.message}\n`);
      if (error.hasAdvice) process.stderr.write("Try 'sctrace -h' for more information.\n");
      return FAILED;
    }
    throw error;
  }
}

/** In the name by which scripts look for it. */
function complain(text: string): void {
  process.stderr.write(`strace: ${text}\n`);
}

function trace(words: readonly string[]): number {
  const { options, operands } = readWords(words);
  if (options.some(({ name }) => name === "h")) return print(HELP);
  if (options.some(({ name }) => name === "V")) return print(versionText());
  const settings = new Settings();
  for (const option of options) applyOption(settings, option);
  if (settings.printsRules)
    return print(rulesText(settings.injections.map(readInjection), settings.followForks > 0));
  if (operands.length === 0 && settings.pids.length === 0)
    throw new TraceUsageError("must have PROG [ARGS] or -p PID", true);
  refuse(settings, operands.length > 0);
  const noFilter = whyNoFilter(settings);
  if (noFilter !== undefined) {
    complain(noFilter);
    settings.usesFilter = false;
  }
  const plan = planOf(settings, operands.length > 0);
  reportResolved(plan);
  return carryOut(plan, settings, operands);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

/** A filter belongs to the command from its start on, with all that it starts. */
function whyNoFilter({ usesFilter, followForks, pids }: Settings): string | undefined {
  if (!usesFilter) return undefined;
  if (followForks === 0) return "--seccomp-bpf cannot be used without -f/--follow-forks, disabling";
  return pids.length > 0
    ? "--seccomp-bpf is not enabled for processes attached with -p"
    : undefined;
}

function reportResolved({ paths, quiet }: TracePlan): void {
  if (quiet.has("path-resolution")) return;
  for (const path of paths) {
    const resolved = fileBehindLinks(path);
    if (resolved !== undefined) complain(`Requested path "${path}" resolved into "${resolved}"`);
  }
}

/** What goes together with a command alone. */
function refuse({ user, environment, daemon }: Settings, hasCommand: boolean): void {
  if (hasCommand) return;
  if (user !== undefined) throw new TraceUsageError("-u can be used only with PROG [ARGS]", true);
  if (environment.length > 0)
    throw new TraceUsageError("-E can be used only with PROG [ARGS]", true);
  if (daemon > 0) throw new TraceUsageError("PROG [ARGS] must be specified with -D", true);
}

function carryOut(plan: TracePlan, settings: Settings, operands: readonly string[]): number {
  const command = operands.length === 0 ? undefined : commandOf(settings, operands);
  const interrupts = new Interrupts();
  const outputs = openOutputs(plan);
  const tracer = new Tracer(plan, { outputs, interrupts, notify: complain });
  // before the first process is attached: a signal lets them go
  handleSignals(plan, interrupts);
  let attached = 0;
  for (const pid of settings.pids) {
    const { tids, refusal } = attach(tracer, pid, plan.followForks);
    if (refusal !== undefined) complain(refusal);
    else if (!plan.quiet.has("attach"))
      complain(`Process ${pid} attached${tids.length > 1 ? ` with ${tids.length} threads` : ""}`);
    attached += tids.length;
  }
  if (command === undefined && attached === 0) return FAILED;
  if (command !== undefined) {
    const filter = plan.usesFilter ? filterFor(plan) : undefined;
    tracer.addCommand(startCommand({ ...command, filter }, tracer.options));
  }
  const { ending, interruption } = tracer.run();
  if (interruption > 0) dieBySignal(interruption);
  if (ending?.kind === "signal") dieBySignal(ending.signal);
  return ending?.kind === "exit" ? ending.code : 0;
}

function openOutputs(plan: TracePlan): TraceFiles {
  try {
    return new TraceFiles(plan.output, complain);
  } catch (error) {
    const { to } = plan.output;
    const name = to.kind === "stderr" ? "standard error" : to.name;
    throw new TraceUsageError(`Can't fopen '${name}': ${reason(error)}`);
  }
}

const [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGTSTP, SIGTTOU, SIGTTIN] = [
  1, 2, 3, 13, 15, 20, 22, 21,
];

function handleSignals({ interruptible }: TracePlan, interrupts: Interrupts): void {
  for (const signal of [SIGTTOU, SIGTTIN]) interrupts.ignore(signal);
  for (const signal of [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM]) {
    if (interruptible <= 2) interrupts.catch(signal);
    else interrupts.ignore(signal);
  }
  if (interruptible === 4) interrupts.ignore(SIGTSTP);
}

function commandOf(settings: Settings, operands: readonly string[]) {
  const argv = lastArguments(operands.length);
  const environment = environmentOf(ownEnvironment(), settings.environment);
  const [name = Buffer.from("")] = argv;
  const found = findProgram(name, environmentValue(ownEnvironment(), "PATH"));
  if (found.kind !== "found")
    throw new TraceUsageError(`Can't stat '${operands[0]}': No such file or directory`);
  try {
    statSync(found.path);
  } catch (error) {
    throw new TraceUsageError(`Can't stat '${operands[0]}': ${reason(error)}`);
  }
  const user = settings.user === undefined ? undefined : findUser(settings.user);
  return { program: found.path, argv, environment, ...(user && { user }) };
}

function reason(error: unknown): string {
  const { code, errno } = error as NodeJS.ErrnoException;
  return errno === undefined ? String(code) : (errnoText(-errno) ?? String(code));
}
