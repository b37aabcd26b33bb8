/**
 * The resident service: one process that owns an instance's kernel objects, reads its ring and answers its socket.
 * When it ends, however it does, rules keep acting and events wait in the ring; only `unload` takes rules away.
 */

import { rmSync } from "node:fs";
import type { Config } from "../sinks/index.ts";
import { type Backends, openBackends } from "./backends.ts";
import type { ServiceEngine } from "./engine.ts";
import type { Paths } from "./paths.ts";
import { KernelStats } from "./ring/kernel-stats.ts";
import { Pump } from "./ring/pump.ts";
import { ThrottleCounts } from "./ring/throttle-counts.ts";
import { undecodableProblems } from "./ring/undecodable.ts";
import { EndingError } from "./rules/change-queue.ts";
import { loadConfigured } from "./rules/configured-rules.ts";
import { RulesInForce } from "./rules/rules-in-force.ts";
import { ensureBpffs } from "./run-files/bpffs.ts";
import { LockFile } from "./run-files/lock-file.ts";
import { RunFiles } from "./run-files/run-files.ts";
import { OwnLog } from "./run-files/service-log.ts";
import { readServiceConfig, type ServiceConfig } from "./service-config.ts";
import { ringProblem } from "./service-numbers.ts";
import { ServiceReport } from "./service-report.ts";
import { DONE, failure } from "./socket/answers.ts";
import type { Handler } from "./socket/connection.ts";
import { ControlServer } from "./socket/control-server.ts";
import { ENDING, type Operation, type PlainAnswer, type Request } from "./socket/protocol.ts";
import { ReadAccess } from "./socket/read-access.ts";
import { type Role, refusal } from "./socket/roles.ts";
import { StoredLog } from "./subscriptions/stored-log.ts";
import { Subscriptions } from "./subscriptions/subscriptions.ts";

export interface ServiceOptions {
  readonly paths: Paths;
  readonly version: string;
  /** `ring.bytes`: of the ring where none is pinned. */
  readonly openEngine: (paths: Paths, ring: Config["ring"]) => Promise<ServiceEngine>;
  /** For the administrator, one line each. */
  readonly report: (line: string) => void;
}

export class Service {
  readonly #options: ServiceOptions;
  readonly #lock: LockFile;
  readonly #engine: ServiceEngine;
  readonly #backends: Backends;
  readonly #kernelTime: KernelStats;
  readonly #throttled: ThrottleCounts;
  readonly #pump: Pump;
  readonly #rules: RulesInForce;
  readonly #subscriptions: Subscriptions;
  readonly #storedLog: StoredLog;
  readonly #report: ServiceReport;
  readonly #readAccess: ReadAccess;
  readonly #started = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<"stopped" | "unloaded">();
  #control: ControlServer | undefined;
  #runFiles: RunFiles | undefined;
  #isStarting = true;
  #mending: NodeJS.Timeout | undefined;
  #isEnding = false;

  private constructor(
    options: ServiceOptions,
    lock: LockFile,
    engine: ServiceEngine,
    config: ServiceConfig,
  ) {
    const { paths, report } = options;
    this.#options = options;
    this.#lock = lock;
    this.#engine = engine;
    this.#configureEngine(config.config);
    this.#backends = openBackends({ paths, config, engine, report });
    this.#kernelTime = new KernelStats(report);
    this.#kernelTime.configure(config.config.kernel.measuresTime);
    const { store, outputs } = this.#backends;
    this.#throttled = new ThrottleCounts(engine, paths);
    const throttled = this.#throttled;
    const batchBytes = config.config.history.maxBytes / 8;
    const subscriptions = new Subscriptions(engine);
    this.#subscriptions = subscriptions;
    this.#storedLog = new StoredLog(paths.history, engine);
    this.#pump = new Pump({ engine, store, outputs, subscriptions, throttled, batchBytes });
    this.#rules = new RulesInForce(engine, paths, {
      onRetired: (generation, rules) => this.#pump.reportLast(generation, rules),
      onChanged: () => this.#pump.storeGenerations(),
      report,
    });
    this.#report = new ServiceReport({
      ...{ version: options.version, paths, engine, pump: this.#pump, throttled },
      ...{ rules: this.#rules, backends: this.#backends },
    });
    const read: Handler = (request) => this.#handle(request, "read");
    this.#readAccess = new ReadAccess(paths.readSocket, read, report);
  }

  /** Rules act, events are read and the socket is open when it returns. Throws MachineError. */
  static async open(options: ServiceOptions): Promise<Service> {
    const { paths } = options;
    process.umask(0o077);
    const lock = LockFile.take(paths);
    try {
      ensureBpffs();
      // rules that nothing could take away must not be loaded
      await ControlServer.probe(paths.socket);
      const config = readServiceConfig(paths, options.report);
      const engine = await options.openEngine(paths, config.config.ring);
      const service = new Service(options, lock, engine, config);
      await service.#start();
      return service;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get ruleNames(): readonly string[] {
    return this.#engine.current?.rules.map(({ name }) => name) ?? [];
  }

  get isLoading(): boolean {
    return this.#engine.loading !== undefined;
  }

  get problems(): readonly string[] {
    const { saved, revert } = this.#rules;
    return [
      ...[
        saved.problem,
        revert.damage,
        revert.overdue,
        revert.stale,
        this.#engine.leftUnread,
        this.#engine.unfinished,
        this.#engine.unpinned,
      ].filter((one) => one !== undefined),
      ...this.#engine.outdated,
      ...(this.#engine.hasUnknownRules ? [UNKNOWN_RULES] : []),
      ...(this.#runFiles?.problems ?? []),
      ...(this.#readAccess.problem === undefined ? [] : [this.#readAccess.problem]),
      ...ringProblem(this.#engine.ring.size, this.#backends.config.ring.bytes),
      ...this.#backends.problems(),
      ...undecodableProblems({
        unknown: this.#pump.unknown,
        history: this.#backends.historyCounters(),
        hasOutputs: this.#backends.config.outputs.length > 0,
      }),
    ];
  }

  /** Resolves when the service has ended; rejects when it cannot continue. */
  get ended(): Promise<"stopped" | "unloaded"> {
    return this.#end.promise;
  }

  /** Ends the service and leaves the rules acting. */
  async stop(): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    clearInterval(this.#mending);
    this.#runFiles?.end();
    this.#lock.announceEnd();
    this.#control?.close();
    this.#readAccess.close();
    await this.#rules.end(() => this.#pump.drain());
    await this.#pump.stop();
    await this.#backends.close();
    this.#kernelTime.close();
    this.#engine.close();
    this.#finish("stopped");
  }

  /** New configuration and output files; what is wrong with it is reported and returned, and the old one stays. */
  async reload(): Promise<string | undefined> {
    this.#runFiles?.forgetMended();
    const problem = await this.#backends.reload();
    this.#configureEngine(this.#backends.config);
    this.#kernelTime.configure(this.#backends.config.kernel.measuresTime);
    await this.#readAccess.configure(this.#backends.config.access.readGroup);
    return problem;
  }

  async #start(): Promise<void> {
    this.#engine.retireOthers((generation, rules) => this.#pump.reportLast(generation, rules));
    const { leftUnread } = this.#engine;
    if (leftUnread !== undefined) this.#options.report(leftUnread);
    // before rules are loaded: what is in the ring belongs to those that are
    this.#pump.start((error) => this.#end.reject(error));
    const { paths, report } = this.#options;
    const log = new OwnLog(paths);
    // clients that ask meanwhile are answered how far the rules are
    const control = await ControlServer.open(paths.socket, (request) =>
      this.#handle(request, "admin"),
    );
    this.#control = control;
    await this.#readAccess.configure(this.#backends.config.access.readGroup);
    const lock = this.#lock;
    this.#runFiles = new RunFiles({ paths, lock, log, control, engine: this.#engine, report });
    await this.#putRulesInForce();
    if (!this.#isEnding) await this.#backends.setNumbers(() => this.#report.numbers());
    this.#started.resolve();
    this.#isStarting = false;
    if (!this.#isEnding) this.#mending = setInterval(() => this.#mend(), MEND_MS).unref();
  }

  async #putRulesInForce(): Promise<void> {
    try {
      if (await this.#rules.restore()) return;
      const { paths, report } = this.#options;
      await loadConfigured(this.#rules, paths, report);
    } catch (error) {
      // somebody unloads what has not started yet
      if (!(error instanceof EndingError)) throw error;
    }
  }

  /** What the machine had no room for when it was asked for, and what somebody removed. */
  #mend(): void {
    for (const part of [this.#rules, this.#runFiles, this.#readAccess])
      part?.mend().catch((error: unknown) => this.#end.reject(error));
  }

  async #handle(request: Request, role: Role): Promise<object> {
    const refused = refusal(request, role);
    if (refused !== undefined) return refused;
    if (this.#isEnding) return failure("machine", ENDING, "the service is ending");
    if (CHANGES.has(request.op)) await this.#started.promise;
    switch (request.op) {
      case "status":
        if (request.measureMs !== undefined) await this.#kernelTime.measure(request.measureMs);
        return this.#report.status(request.counts ?? true, () => ({
          isStarting: this.#isStarting,
          problems: this.problems,
        }));
      case "download":
        return { ok: true, source: this.#rules.source };
      case "upload":
        return this.#rules.upload(request.files, request.includes, request);
      case "replace":
        return this.#rules.replace(request.files, request.includes, request.revertAfterMs, request);
      case "delete":
        return this.#rules.delete(request.names, request);
      case "confirm":
        return (await this.#rules.confirm())
          ? DONE
          : failure("usage", "nothing_to_confirm", "there is nothing to confirm");
      case "reload": {
        const problem = await this.reload();
        return problem === undefined ? DONE : failure("usage", "bad_config", problem);
      }
      case "unload":
        return this.#unload();
      case "log":
        return this.#backends.config.history.enabled
          ? this.#storedLog.answer(request, role)
          : failure("machine", "missing", "no history is kept: it is not enabled");
      case "subscribe":
        return this.#subscriptions.answer(request.filter ?? {}, role);
    }
  }

  /** A process that holds what is pinned keeps it, and the rules keep acting then. */
  async #unload(): Promise<PlainAnswer> {
    await this.#rules.end(() => {
      // a signal was faster
      if (this.#isEnding) throw new EndingError();
      // nothing is judged any more when the last events are read
      this.#engine.unload(() => this.#pump.drain());
      this.#isEnding = true;
    });
    clearInterval(this.#mending);
    this.#runFiles?.end();
    this.#lock.announceEnd();
    this.#readAccess.close();
    await this.#pump.stop();
    const untold = await this.#backends.close();
    this.#kernelTime.close();
    // after the answer
    setImmediate(() => this.#finish("unloaded"));
    if (untold === 0) return DONE;
    const { notStored } = this.#options.paths;
    const notice = `${untold} matching calls are in no history, and ${notStored} cannot be written to say so later`;
    return { ok: true, notices: [notice] };
  }

  #configureEngine({ kernel }: Pick<Config, "kernel">): void {
    this.#engine.deadlineMs = kernel.loadTimeoutMs;
  }

  #finish(how: "stopped" | "unloaded"): void {
    this.#control?.close();
    this.#readAccess.close();
    rmSync(this.#options.paths.socket, { force: true });
    this.#lock.release();
    this.#end.resolve(how);
  }
}

const MEND_MS = 1000;

/** What waits until the service has started. */
const CHANGES: ReadonlySet<Operation> = new Set([
  "upload",
  "replace",
  "delete",
  "confirm",
  "reload",
]);

const UNKNOWN_RULES =
  "rules act that an earlier service loaded, and what it wrote of them is gone: 'sct config replace' or 'sct unload' ends them";
