/** History, outputs and metrics of the service: what it can do without, and says so where it must. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Config, MetricsSnapshot } from "../sinks/index.ts";
import { History, type HistoryCounters } from "../store/index.ts";
import type { ServiceEngine } from "./engine.ts";
import { MetricsEndpoint } from "./metrics-endpoint.ts";
import { OutputFeed } from "./outputs/output-feed.ts";
import type { Paths } from "./paths.ts";
import { NoStore } from "./ring/no-store.ts";
import type { EventOutputs, EventStore } from "./ring/pump.ts";
import { type ServiceConfig, tryConfig } from "./service-config.ts";
import type { MemoryStatus, OutputStatus, StatusAnswer } from "./socket/protocol.ts";

export interface Backends {
  /** In force, but for the size of the ring, which is what is wanted. */
  readonly config: Config;
  readonly store: EventStore;
  readonly outputs: EventOutputs;
  historyStatus(): StatusAnswer["history"];
  /** Undefined: there is no history. */
  historyCounters(): HistoryCounters | undefined;
  outputStatus(): readonly OutputStatus[];
  memoryStatus(): MemoryStatus;
  problems(): readonly string[];
  /** Numbers for metrics, once the service has them. */
  setNumbers(numbers: () => Promise<Omit<MetricsSnapshot, "outputs" | "history">>): Promise<void>;
  /**
   * Reads the configuration again; where it has errors the one before holds, and they are returned. The history keeps
   * its limits until the next start.
   */
  reload(): Promise<string | undefined>;
  /** Resolves to the number of events whose loss nobody will be notified of unless the engine's note is there for the next service. */
  close(): Promise<number>;
}

export interface BackendsOptions {
  readonly paths: Paths;
  /** As it was read at the start. */
  readonly config: ServiceConfig;
  readonly engine: Pick<ServiceEngine, "ringId" | "generations" | "ring" | "note">;
  readonly report: (line: string) => void;
}

export function openBackends(options: BackendsOptions): Backends {
  const { paths, report, engine } = options;
  let { config, problem: configProblem } = options.config;
  const { enabled, maxBytes, maxAgeMs } = config.history;
  if (enabled) makeStateDirectory(paths, report);
  const history = enabled
    ? History.open(paths.history, {
        onNotice: report,
        pendingFile: paths.notStored,
        pendingNote: options.engine.note,
        maxBytes,
        ...(maxAgeMs === 0 ? {} : { maxAgeMs }),
      })
    : undefined;
  const noStore = new NoStore(paths);
  const outputs = new OutputFeed({
    engine,
    history,
    configs: config.outputs,
    memoryBytes: config.memory.bytes,
    onNotice: (name, problem) => report(`output ${name}: ${problem ?? "it works again"}`),
  });
  let numbers: Parameters<Backends["setNumbers"]>[0] | undefined;
  const snapshot = async (): Promise<MetricsSnapshot> => {
    if (numbers === undefined) throw new Error("the service is starting");
    const known = await numbers();
    const size = history && { history: { sizeBytes: history.counters().bytes, maxBytes } };
    return { ...known, outputs: outputs.counters(), ...size };
  };
  const metrics = new MetricsEndpoint(snapshot, report);
  return {
    get config() {
      return config;
    },
    store: history ?? noStore,
    outputs,
    historyCounters: () => history?.counters(),
    historyStatus() {
      const file = paths.history;
      if (history === undefined)
        return { state: "off", file, reason: "it is not enabled", notStoredEvents: 0 };
      const { storedEvents, notStoredEvents, bytes, problem } = history.counters();
      if (problem !== undefined) return { state: "off", file, reason: problem, notStoredEvents };
      return { state: "on", file, bytes, storedEvents, notStoredEvents };
    },
    outputStatus: () =>
      outputs.counters().map(({ name, delivered, lost, queued, problem }) => ({
        name,
        delivered,
        lost,
        waiting: queued,
        ...(problem === undefined ? {} : { error: problem }),
      })),
    memoryStatus: () => ({ resident: process.memoryUsage.rss(), ...outputs.memory }),
    problems() {
      const problem = history?.counters().problem;
      return [
        ...(problem === undefined ? [] : [`events are not kept: ${problem}`]),
        ...[configProblem, noStore.problem, metrics.problem].filter((one) => one !== undefined),
        ...outputs.problems,
      ];
    },
    async setNumbers(make) {
      numbers = make;
      await metrics.configure(config.metrics);
    },
    async reload() {
      const next = tryConfig(paths, report);
      if ("error" in next) {
        configProblem = `the configuration is not in force, the one before is: ${next.error}`;
        return configProblem;
      }
      configProblem = undefined;
      // the ring keeps its size; the one that is wanted is compared with it
      config = { ...next, history: config.history };
      outputs.configure(next.outputs, next.memory.bytes);
      await metrics.configure(next.metrics);
      return undefined;
    },
    async close() {
      await metrics.close();
      await outputs.close();
      return history?.close() ?? 0;
    },
  };
}

/** Without it there is no history, which the history says itself. */
function makeStateDirectory(paths: Paths, report: (line: string) => void): void {
  try {
    mkdirSync(dirname(paths.history), { recursive: true, mode: 0o700 });
  } catch (error) {
    report(`cannot make ${paths.stateDir}: ${(error as Error).message}`);
  }
}
