/**
 * The supervised engine: rules over one command and all its descendants, without privilege. User notification
 * where every rule acts before its call, ptrace where a rule waits for the result or rewrites.
 */

import { EBUSY } from "../../base/linux-abi.ts";
import { type Site, tooManyMacros } from "../../events/index.ts";
import type { Abi, CheckedRule, CountTable } from "../../language/index.ts";
import { byAbi, vocabulary } from "../../linux/index.ts";
import { type Ending, SECCOMP_RET, SyscallError, setDumpable } from "../../sys/index.ts";
import { DirectDelivery } from "../direct-delivery.ts";
import type { Engine, EngineCounters, Opened, RecordSink } from "../engine.ts";
import { chooseSeed } from "../seed.ts";
import { RESTART_SYSCALL } from "../trace/call-stops.ts";
import { SCRATCH_CALLS } from "../trace/scratch.ts";
import { BypassRefusal } from "./bypass.ts";
import { CallContext } from "./call/call-context.ts";
import { Decider } from "./decide.ts";
import type { Permissions } from "./denied-use.ts";
import { DueRules } from "./due.ts";
import { EventReporter } from "./event-reporter.ts";
import { compileFilter } from "./filter/plan.ts";
import { describeGivenFiles } from "./given-files.ts";
import { Confinement } from "./landlock/confinement.ts";
import { asShellScript, type Launched, type LaunchSpec, launch } from "./launch/launch.ts";
import { changesIdsByExecuting, inheritedDescriptors, mayTraceAll } from "./launch/own-process.ts";
import { chooseMechanism, type Mechanism } from "./mechanisms.ts";
import { type Needs, needsOf } from "./needs.ts";
import { NotifyEngine } from "./notify/notify-engine.ts";
import { OverlayRefusal } from "./overlays.ts";
import { holdTakingCalls, OwnProcesses } from "./own-processes.ts";
import { PtraceEngine } from "./ptrace-engine.ts";
import { RuleIndex, rewritesCalls } from "./rule-index.ts";
import { StrictSeccomp } from "./strict-seccomp.ts";
import type { Finished, Supervision, Supervisor } from "./supervision.ts";
import { type Ask, SuspendQueue } from "./suspended.ts";
import { ProcFiles } from "./task/proc-files.ts";
import { rootChangingCalls, watchedCalls } from "./watched-calls.ts";

export interface SupervisedOptions {
  readonly rules: readonly CheckedRule[];
  /** Every rule that acts counts all its calls and makes records, also one that only fails calls. */
  readonly reportsAll: boolean;
  /** Records hold all that can be said of a call, and not only what lines show. Default: as `reportsAll`. */
  readonly showsAll?: boolean;
  /** Rules that make records without a number, for the caller alone: also those without LOG. Default: none. */
  readonly isSilent?: (rule: CheckedRule) => boolean;
  readonly ask: Ask | undefined;
  /** Which rules that deny are asked about, too. What they deny is left to rules: what Landlock denies nobody could allow later. */
  readonly permissions?: Permissions | undefined;
  /** What is done by chance depends on it: a whole number below 2^32; default: another one each time. */
  readonly seed?: number | undefined;
  readonly report: (line: string) => void;
  /** Of 127.0.0.1: where policies decide about names, so they let the command connect to it. */
  readonly proxyPort?: number | undefined;
}

export interface SupervisedCommand {
  readonly program: Uint8Array;
  readonly argv: readonly Uint8Array[];
  readonly environment: readonly Uint8Array[];
}

export function openSupervisedEngine(options: SupervisedOptions): Opened<SupervisedEngine> {
  const diagnostics = tooManyMacros(options.rules);
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  return { ok: true, engine: new SupervisedEngine(options) };
}

export class SupervisedEngine implements Engine {
  readonly notices: readonly string[];
  readonly sites: readonly Site[];
  #mechanism: Mechanism;
  #rootPid: number | undefined;
  #rootEnding: Ending | undefined;
  #rootEndedAtMs = 0;
  #supervisor: Supervisor | undefined;
  readonly #delivery = new DirectDelivery();
  readonly #index: RuleIndex;
  readonly #needs: Needs;
  readonly #reporter: EventReporter;
  readonly #due: DueRules;
  readonly #bypasses: BypassRefusal;
  readonly #overlays: OverlayRefusal;
  readonly #strict: StrictSeccomp;
  readonly #rootChanging = rootChangingCalls();
  readonly #rewrites: boolean;
  readonly #confinement: Confinement;
  readonly #options: SupervisedOptions;

  constructor(given: SupervisedOptions) {
    const { proxyPort, permissions } = given;
    const isFinal = (rule: CheckedRule): boolean => permissions?.isAsked(rule) !== true;
    this.#confinement = new Confinement(given.rules.filter(isFinal), proxyPort);
    const confinement = this.#confinement;
    // where nobody asks for lines, what Landlock holds is not decided a second time
    const rules = given.rules.filter((rule) => given.reportsAll || !confinement.isHeld(rule));
    const options = { ...given, rules };
    this.#options = options;
    this.#rewrites = rules.some(rewritesCalls);
    this.#index = new RuleIndex(rules);
    const showsAll = options.showsAll ?? options.reportsAll;
    this.#needs = needsOf(rules, showsAll);
    const { isSilent } = options;
    const needed = { index: this.#index, needs: this.#needs, showsAll, isSilent };
    this.#reporter = new EventReporter(rules, needed);
    this.sites = this.#reporter.sites;
    const { seed, notices } = chooseSeed(rules, options.seed);
    this.#due = new DueRules(rules, this.#index, seed, { proxyPort, permissions });
    this.notices = [...notices, ...confinement.notices()];
    this.#mechanism = chooseMechanism(rules);
    const open = rules.filter((rule) => !confinement.isHeldBesidesCalls(rule));
    this.#bypasses = new BypassRefusal(open, options.report);
    this.#overlays = new OverlayRefusal(open, options.report);
    this.#strict = new StrictSeccomp(options.report);
  }

  /** The command, while it runs. */
  get rootPid(): number | undefined {
    return this.#rootPid;
  }

  /** How the command ended; descendants may continue. */
  get rootEnding(): Ending | undefined {
    return this.#rootEnding;
  }

  /** Milliseconds since the command itself was seen to end; undefined: it has not. */
  get sinceRootEndMs(): number | undefined {
    return this.#rootEnding === undefined ? undefined : performance.now() - this.#rootEndedAtMs;
  }

  events(sink: RecordSink, timeoutMs: number): Promise<number> {
    return this.#delivery.events(sink, timeoutMs);
  }

  counters(): EngineCounters {
    return this.#reporter.counters();
  }

  counts(): readonly CountTable[] {
    return this.#reporter.countTables();
  }

  /** Kills the command and its descendants, as far as they are known; `run` resolves when they are gone. */
  close(): void {
    this.#supervisor?.kill();
  }

  /** Runs the command to its end and that of all its descendants. Once only. Throws MachineError. */
  async run(command: SupervisedCommand): Promise<Finished> {
    this.#reporter.open(this.#delivery);
    try {
      return await this.#runEitherWay(command);
    } finally {
      this.#delivery.end();
    }
  }

  async #runEitherWay(command: SupervisedCommand): Promise<Finished> {
    try {
      return await this.#runBy(this.#mechanism, command);
    } catch (error) {
      const isTaken =
        error instanceof SyscallError && error.call === "seccomp" && error.errno === EBUSY;
      if (!isTaken || this.#mechanism !== "notify") throw error;
      // the kernel allows one listener: somebody around us has it
      this.#mechanism = "ptrace";
      this.#options.report(
        "something around sct supervises by notification: calls that it watches too are decided there alone, all others here by ptrace",
      );
      return this.#runBy(this.#mechanism, command);
    }
  }

  async #runBy(mechanism: Mechanism, command: SupervisedCommand): Promise<Finished> {
    const watched = watchedCalls(changesIdsByExecuting());
    const canBeTraced = mayTraceAll();
    const filter = compileFilter(this.#index, {
      trap: mechanism === "notify" ? SECCOMP_RET.USER_NOTIF : SECCOMP_RET.TRACE,
      watched: withNumbers(
        watched,
        this.#bypasses.numbers,
        this.#overlays.numbers,
        this.#needs.mounts ? this.#rootChanging : {},
        canBeTraced ? holdTakingCalls() : {},
        mechanism === "ptrace" ? RESTARTS : {},
      ),
      injected: this.#rewrites ? SCRATCH_CALLS : NO_NUMBERS,
      reportsAll: this.#options.reportsAll,
      canBeTraced,
      asks: this.#options.ask !== undefined,
    });
    const withheld = this.#lookAtDescriptors();
    const ruleSets = this.#confinement.open();
    try {
      const restriction = this.#confinement.restriction(ruleSets);
      const spec: LaunchSpec = { ...command, mechanism, filter, withheld, restriction };
      const finished = await this.#supervise(spec, watched);
      const shell = asShellScript(spec, finished.execErrno ?? 0);
      return shell === undefined ? finished : await this.#supervise(shell, watched);
    } finally {
      for (const ruleSet of ruleSets) ruleSet.close();
    }
  }

  /** What the command is given open that rules would not let it open: those that it must not have. */
  #lookAtDescriptors(): readonly number[] {
    const { report } = this.#options;
    const descriptors = inheritedDescriptors();
    using files = new ProcFiles();
    for (const line of describeGivenFiles(descriptors, this.#options.rules, files)) report(line);
    return this.#bypasses.withhold(descriptors, (fd) =>
      Buffer.from(files.readLink(`/proc/self/fd/${fd}`) ?? []).toString("latin1"),
    );
  }

  async #supervise(spec: LaunchSpec, watched: Supervision["watched"]): Promise<Finished> {
    const { ask, report, permissions } = this.#options;
    let launched: Launched | undefined;
    const loading = () => (launched?.isLoading() === true ? launched.pid : undefined);
    const context = new CallContext(this.#options.rules, this.#needs, loading);
    context.paths.shareRoot(inheritedDescriptors());
    try {
      launched = launch(spec);
      this.#rootPid = launched.pid;
      this.#rootEnding = undefined;
      const { guard } = launched;
      const own = new OwnProcesses(context.tasks.files, guard === undefined ? [] : [guard.pid]);
      const supervision: Supervision = {
        index: this.#index,
        decider: new Decider(vocabulary, this.#reporter, this.#due, permissions),
        context,
        needs: this.#needs,
        watched,
        rootChanging: this.#rootChanging,
        refusal: (call) => {
          this.#strict.see(call);
          return this.#bypasses.errnoFor(call) ?? this.#overlays.errnoFor(call, context);
        },
        isOnSct: (call) => own.areMeantBy(call),
        launched,
        rootEnded: (ending) => {
          this.#rootPid = undefined;
          this.#rootEnding = ending;
          this.#rootEndedAtMs = performance.now();
        },
        queue: ask && new SuspendQueue(ask, permissions && ((use) => permissions.permits(use))),
        report,
      };
      this.#supervisor =
        spec.mechanism === "notify" ? new NotifyEngine(supervision) : new PtraceEngine(supervision);
      return await this.#supervisor.run();
    } finally {
      this.#supervisor = undefined;
      this.#rootPid = undefined;
      context.close();
      setDumpable(true);
    }
  }
}

type Numbers = Readonly<Record<Abi, ReadonlySet<number>>>;

const NO_NUMBERS: Numbers = byAbi(() => new Set());

/** Where a call that a stop has interrupted continues. */
const RESTARTS: Numbers = byAbi((abi) => new Set([RESTART_SYSCALL[abi]]));

function withNumbers(...all: readonly Partial<Numbers>[]): Numbers {
  return byAbi((abi) => new Set(all.flatMap((numbers) => [...(numbers[abi] ?? [])])));
}
