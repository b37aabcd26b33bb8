/**
 * The resident service: one process that owns an instance's kernel objects, reads its ring and answers its socket.
 * When it ends, however it does, rules keep acting and events wait in the ring; only `unload` takes rules away.
 */

import { rmSync } from "node:fs";
import type { Config, MetricsSnapshot } from "../sinks/index.ts";
import { aboutRule } from "./about-rule.ts";
import { DONE, failure } from "./answers.ts";
import { ensureBpffs } from "./bpffs.ts";
import { EndingError } from "./change-queue.ts";
import { loadConfigured } from "./configured-rules.ts";
import { ControlServer } from "./control-server.ts";
import type { ServiceEngine } from "./engine.ts";
import { KernelTime } from "./kernel-time.ts";
import { LockFile } from "./lock-file.ts";
import type { Paths } from "./paths.ts";
import {
  ENDING,
  type LoadingStatus,
  type Operation,
  type PlainAnswer,
  type Request,
  type StatusAnswer,
} from "./protocol.ts";
import { Pump } from "./pump.ts";
import { includesOf } from "./rule-set.ts";
import { RulesInForce } from "./rules-in-force.ts";
import { RunFiles } from "./run-files.ts";
import { OwnLog } from "./service-log.ts";
import { aboutNth, isMeasured, ringProblem, timeOf } from "./service-numbers.ts";
import {
  openSurroundings,
  readServiceConfig,
  type ServiceConfig,
  type Surroundings,
} from "./surroundings.ts";
import { ThrottleCounts } from "./throttle-counts.ts";
import { undecodableProblems } from "./undecodable.ts";

export interface ServiceOptions {
  readonly paths: Paths;
  readonly version: string;
  /** `ringBytes`: of the ring where none is pinned. */
  readonly openEngine: (paths: Paths, ringBytes: number) => ServiceEngine;
  /** For the administrator, one line each. */
  readonly tell: (line: string) => void;
}

export class Service {
  readonly #options: ServiceOptions;
  readonly #lock: LockFile;
  readonly #engine: ServiceEngine;
  readonly #surroundings: Surroundings;
  readonly #kernelTime: KernelTime;
  readonly #throttled: ThrottleCounts;
  readonly #pump: Pump;
  readonly #rules: RulesInForce;
  readonly #startedAtMs = Date.now();
  readonly #startedAt = performance.now();
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
    const { paths, tell } = options;
    this.#options = options;
    this.#lock = lock;
    this.#engine = engine;
    this.#configureEngine(config.config);
    this.#surroundings = openSurroundings({ paths, config, engine, tell });
    this.#kernelTime = new KernelTime(tell);
    this.#kernelTime.configure(config.config.kernel.measuresTime);
    const { store, outputs } = this.#surroundings;
    this.#throttled = new ThrottleCounts(engine, paths);
    const throttled = this.#throttled;
    const batchBytes = config.config.history.maxBytes / 8;
    this.#pump = new Pump({ engine, store, outputs, throttled, batchBytes });
    this.#rules = new RulesInForce(engine, paths, {
      onRetired: (generation, rules) => this.#pump.tellLast(generation, rules),
      onChanged: () => this.#pump.tellGenerations(),
      tell,
    });
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
      const config = readServiceConfig(paths, options.tell);
      const engine = options.openEngine(paths, config.config.ring.bytes);
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
      ...ringProblem(this.#engine.ring.size, this.#surroundings.config.ring.bytes),
      ...this.#surroundings.problems(),
      ...undecodableProblems({
        unknown: this.#pump.unknown,
        history: this.#surroundings.historyCounters(),
        hasOutputs: this.#surroundings.config.outputs.length > 0,
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
    await this.#rules.end(() => this.#pump.drain());
    await this.#pump.stop();
    await this.#surroundings.close();
    this.#kernelTime.close();
    this.#engine.close();
    this.#finish("stopped");
  }

  /** New configuration and output files; what is wrong with it is reported and returned, and the old one stays. */
  async reload(): Promise<string | undefined> {
    this.#runFiles?.forgetMended();
    const problem = await this.#surroundings.reload();
    this.#configureEngine(this.#surroundings.config);
    this.#kernelTime.configure(this.#surroundings.config.kernel.measuresTime);
    return problem;
  }

  async #start(): Promise<void> {
    this.#engine.retireOthers((generation, rules) => this.#pump.tellLast(generation, rules));
    const { leftUnread } = this.#engine;
    if (leftUnread !== undefined) this.#options.tell(leftUnread);
    // before rules are loaded: what is in the ring belongs to those that are
    this.#pump.start((error) => this.#end.reject(error));
    const { paths, tell } = this.#options;
    const log = new OwnLog(paths);
    // clients that ask meanwhile hear how far the rules are
    const control = await ControlServer.open(paths.socket, (request) => this.#handle(request));
    this.#control = control;
    const lock = this.#lock;
    this.#runFiles = new RunFiles({ paths, lock, log, control, engine: this.#engine, tell });
    await this.#putRulesInForce();
    if (!this.#isEnding) await this.#surroundings.setNumbers(() => this.#numbers());
    this.#started.resolve();
    this.#isStarting = false;
    if (!this.#isEnding) this.#mending = setInterval(() => this.#mend(), MEND_MS).unref();
  }

  async #putRulesInForce(): Promise<void> {
    try {
      if (await this.#rules.restore()) return;
      const { paths, tell } = this.#options;
      await loadConfigured(this.#rules, paths, tell);
    } catch (error) {
      // somebody unloads what has not started yet
      if (!(error instanceof EndingError)) throw error;
    }
  }

  /** What the machine had no room for when it was asked for, and what somebody removed. */
  #mend(): void {
    for (const part of [this.#rules, this.#runFiles])
      part?.mend().catch((error: unknown) => this.#end.reject(error));
  }

  async #handle(request: Request): Promise<object> {
    if (this.#isEnding) return failure("machine", ENDING, "the service is ending");
    if (CHANGES.has(request.op)) await this.#started.promise;
    switch (request.op) {
      case "status":
        if (request.measureMs !== undefined) await this.#kernelTime.measure(request.measureMs);
        return this.#status();
      case "download":
        return { ok: true, source: this.#rules.source };
      case "upload":
        return this.#rules.upload(request.files, includesOf(request.includes), request);
      case "replace":
        return this.#rules.replace(
          request.files,
          includesOf(request.includes),
          request.revertAfterMs,
          request,
        );
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
    }
  }

  /** Who holds what is pinned keeps it, and the rules keep acting then. */
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
    await this.#pump.stop();
    const untold = await this.#surroundings.close();
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

  #loading(): LoadingStatus | null {
    const { loading, deadlineMs } = this.#engine;
    if (loading === undefined) return null;
    const { rules, sinceMs, progress } = loading;
    const { stage = "starting", total = 0, done = 0 } = progress ?? {};
    const elapsedMs = Math.round(performance.now() - sinceMs);
    return { rules, stage, total, done, elapsedMs, deadlineMs };
  }

  #finish(how: "stopped" | "unloaded"): void {
    this.#control?.close();
    rmSync(this.#options.paths.socket, { force: true });
    this.#lock.release();
    this.#end.resolve(how);
  }

  #numbers(): Omit<MetricsSnapshot, "outputs" | "history"> {
    const { current, ring } = this.#engine;
    const { rules, recursionMisses, measured } = this.#engine.counters();
    return {
      version: this.#options.version,
      startedAtMs: this.#startedAtMs,
      generation: current?.generation ?? 0,
      rules: rules.map((rule, i) => ({
        ...rule,
        ...aboutNth(current?.rules, i),
        throttled: this.#throttled.of(rule.rule),
        ...timeOf(rule, measured),
      })),
      recursionMisses,
      ...(isMeasured(measured) ? { measured } : {}),
      readerDropped: 0,
      ring: { sizeBytes: ring.size, usedBytes: ring.pendingBytes },
    };
  }

  #status(): StatusAnswer {
    const { paths, version } = this.#options;
    const { current, ring } = this.#engine;
    const counters = this.#engine.counters();
    const rules = (current?.rules ?? []).map((rule, i) => {
      const counted = counters.rules[i];
      return {
        name: rule.name,
        ...aboutRule(rule),
        actions: rule.actions.map(({ type }) => type),
        hits: counted?.matched ?? 0,
        delivered: counted?.delivered ?? 0,
        limited: counted?.limited ?? 0,
        dropped: counted?.dropped ?? 0,
        throttled: this.#throttled.of(rule.name),
        unreadable: counted?.unreadable ?? 0,
        missed: counted?.missed ?? 0,
        skipped: counted?.skipped ?? 0,
        ...timeOf(counted, counters.measured),
      };
    });
    return {
      ok: true,
      isStarting: this.#isStarting,
      version,
      pid: process.pid,
      startedAtMs: this.#startedAtMs,
      uptimeMs: Math.round(performance.now() - this.#startedAt),
      engine: "kernel",
      paths: { pins: paths.pinDir, state: paths.stateDir, socket: paths.socket },
      generation: current?.generation ?? 0,
      loadedAtMs: current?.loadedAtMs ?? null,
      rules,
      notices: current?.notices ?? [],
      loading: this.#loading(),
      recursionMisses: counters.recursionMisses,
      measured: isMeasured(counters.measured) ? counters.measured : null,
      ring: { sizeBytes: ring.size, pendingBytes: ring.pendingBytes },
      events: this.#pump.events,
      history: this.#surroundings.historyStatus(),
      outputs: this.#surroundings.outputStatus(),
      memory: this.#surroundings.memoryStatus(),
      revertsInMs: this.#rules.revert.inMs,
      problems: this.problems,
    };
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
