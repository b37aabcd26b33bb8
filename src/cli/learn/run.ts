/** Runs a command under a policy that allows nothing and denies nothing, or under one that is there, and proposes what it lacks. */
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { basename } from "node:path";
import { escapeControls } from "../../base/escape.ts";
import { bootOffsetNs, eventNames } from "../../engines/context/index.ts";
import { ENGINES } from "../../engines/engines.ts";
import {
  environmentValue,
  type Finished,
  findProgram,
  ownEnvironment,
} from "../../engines/supervised/index.ts";
import { TextFormatter, WallClock } from "../../events/index.ts";
import type { CheckedRuleSet } from "../../language/index.ts";
import {
  LEARNED,
  notProposedLines,
  type Proposal,
  proposalText,
  propose,
} from "../../learning/index.ts";
import { namesProxy } from "../../proxy/index.ts";
import { dieBySignal, native, takeStandardOutput } from "../../sys/index.ts";
import type { CommandArguments } from "../command.ts";
import { errorLines, InputError, UsageError } from "../errors.ts";
import type { ExitCode } from "../exit-codes.ts";
import { userHome } from "../packs/find.ts";
import { plural } from "../plural.ts";
import { loadRules } from "../rules.ts";
import { ByName } from "../run/by-name.ts";
import { rawDiagnostics, rawLine, rawNotice } from "../run/raw-output.ts";
import { commandLine, execFailure, leave, RunExit, SYSTEM_WIDE } from "../run/run.ts";
import { handleSignals } from "../run/signals.ts";
import { LineStream } from "../run/stream.ts";
import { writeWhole } from "../write-whole.ts";
import { extendPolicies } from "./extend.ts";
import { UseRecorder } from "./recorder.ts";

/** Allows nothing, so that each use is reported under its list; denies nothing. */
const WATCHING = `policy ${LEARNED} { read { } write { } execute { } attributes { } connect { } listen { } unix { } otherwise = LOG }`;

/** Never returns, as `sct run`. */
export async function learnCommand(args: CommandArguments): Promise<ExitCode> {
  try {
    return leave(await learnAndPropose(args));
  } catch (error) {
    for (const line of errorLines(error, "sct learn")) rawLine(line);
    return native().exitNow(RunExit.ourFailure);
  }
}

async function learnAndPropose(args: CommandArguments): Promise<Finished | number> {
  refuseLater(args);
  const argv = commandLine(args);
  const output = args.last("output");
  const existing = args.last("file");
  if (output !== undefined && output !== existing && existsSync(output))
    throw new InputError(
      `'${output}' is there already: '-f ${output}' learns what it lacks, and with '-o ${output}' too, adds it`,
    );
  const ruleSet = rulesToWatch(args);
  if (ruleSet === undefined) return RunExit.ourFailure;
  const environment = ownEnvironment();
  const [name = Buffer.alloc(0)] = argv;
  const found = findProgram(name, environmentValue(environment, "PATH"));
  if (found.kind !== "found") {
    rawNotice(
      `cannot run '${name}': ${found.kind === "not found" ? "not found" : "permission denied"}`,
    );
    return found.kind === "not found" ? RunExit.notFound : RunExit.notExecutable;
  }
  const isNew = ruleSet.rules.some(
    ({ policy }) => policy?.policy === LEARNED && isWatching(policy),
  );
  // before the command starts: its own output then goes elsewhere
  const proposed = isNew && output === undefined ? takeStandardOutput() : undefined;
  const watched = await watch(ruleSet, { program: found.path, argv, environment });
  if (watched === undefined) return RunExit.ourFailure;
  const { finished, recorder } = watched;
  if (finished.execErrno !== undefined)
    rawNotice(`cannot run '${name}': ${execFailure(finished.execErrno, found.path)}`);
  if (recorder.unclear > 0)
    rawNotice(
      `${plural(recorder.unclear, "call")} had no name or address that an entry can have: nothing is proposed for them`,
    );
  const home = userHome();
  if (!isNew) {
    extendPolicies(ruleSet, recorder.tables, { home, file: existing ?? "", output });
    return finished;
  }
  const proposal = propose(recorder.tables.get(LEARNED)?.all() ?? [], { home });
  report(proposal);
  const text = proposalText(proposal, {
    command: basename(escapeControls(name.toString())),
    date: new Date().toISOString().slice(0, 10),
    home,
  });
  await writeProposal(text, output, proposed);
  return finished;
}

/** Of the product, but not of this version. */
function refuseLater(args: CommandArguments): void {
  for (const option of ["exe", "unit"])
    if (args.has(option))
      throw new UsageError(`--${option} is not in this version: learn from a command, behind --`);
}

type Policy = NonNullable<CheckedRuleSet["rules"][number]["policy"]>;

/** The one that is made here, and not one of the user's that has its name. */
function isWatching({ list }: Policy): boolean {
  return list.file.isArgument === true;
}

function rulesToWatch(args: CommandArguments): CheckedRuleSet | undefined {
  if (!args.has("file")) return loadRules(args, rawDiagnostics, [WATCHING], SYSTEM_WIDE);
  const own = loadRules(args, rawDiagnostics, [], SYSTEM_WIDE);
  if (own === undefined || own.rules.some(({ policy }) => policy !== undefined)) return own;
  // rules of another kind hold while the policy is learned
  return loadRules(args, () => {}, [WATCHING], SYSTEM_WIDE);
}

interface Command {
  readonly program: Uint8Array;
  readonly argv: readonly Buffer[];
  readonly environment: readonly Buffer[];
}

async function watch(
  { rules }: CheckedRuleSet,
  { program, argv, environment }: Command,
): Promise<{ readonly finished: Finished; readonly recorder: UseRecorder } | undefined> {
  let recorder: UseRecorder | undefined;
  // names lead to other addresses every day: they are learned as names, unless another proxy has them
  const byName = await ByName.open({
    rules,
    environment,
    isWanted: !namesProxy(environment),
    onConnection: (connection) => recorder?.connection(connection),
    report: rawNotice,
  });
  const opened = await ENGINES.supervised.open({
    rules,
    proxyPort: byName.port,
    reportsAll: true,
    ask: undefined,
    report: rawNotice,
  });
  if (!opened.ok) {
    rawDiagnostics(opened.diagnostics);
    return undefined;
  }
  const { engine } = opened;
  for (const notice of engine.notices) rawNotice(notice);
  const stream = new LineStream();
  const context = { clock: new WallClock(bootOffsetNs()), names: eventNames(), generation: 1 };
  const formatter = new TextFormatter(engine.sites, context);
  recorder = new UseRecorder(engine.sites, {
    record(memory, offset, length) {
      formatter.format(memory, offset, length, stream.text);
      stream.added();
    },
  });
  handleSignals(engine, (signal) => {
    dieBySignal(constants.signals[signal]);
    native().exitNow(RunExit.signal + constants.signals[signal]);
  });
  void engine.events(recorder, Number.POSITIVE_INFINITY);
  const finished = await engine.run({ program, argv, environment: byName.environment });
  await byName.close();
  await stream.close();
  return { finished, recorder };
}

/** What a person has to look at comes first. */
function report({ notProposed }: Proposal): void {
  for (const line of notProposedLines(notProposed)) rawNotice(line);
}

async function writeProposal(
  text: string,
  output: string | undefined,
  descriptor: number | undefined,
): Promise<void> {
  if (output === undefined) {
    const stream = new LineStream(descriptor);
    stream.text.string(text);
    await stream.close();
    return;
  }
  writeWhole(output, text);
  rawNotice(`the policy is in '${output}'`);
}
