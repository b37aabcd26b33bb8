/** What the service says of itself: its status, and numbers for metrics. */
import type { EngineCounters } from "../engines/engine.ts";
import type { MetricsSnapshot } from "../sinks/index.ts";
import type { Backends } from "./backends.ts";
import { CountSeries } from "./count-series.ts";
import { countStatus } from "./counts.ts";
import type { ServiceEngine } from "./engine.ts";
import { aboutRule } from "./outputs/about-rule.ts";
import type { Paths } from "./paths.ts";
import type { Pump } from "./ring/pump.ts";
import type { ThrottleCounts } from "./ring/throttle-counts.ts";
import type { RulesInForce } from "./rules/rules-in-force.ts";
import { aboutNth, isMeasured, timeOf } from "./service-numbers.ts";
import type { LoadingStatus, StatusAnswer } from "./socket/protocol.ts";

export interface ServiceParts {
  readonly version: string;
  readonly paths: Paths;
  readonly engine: ServiceEngine;
  readonly pump: Pump;
  readonly throttled: ThrottleCounts;
  readonly rules: RulesInForce;
  readonly backends: Backends;
}

export class ServiceReport {
  readonly #parts: ServiceParts;
  readonly #startedAtMs = Date.now();
  readonly #startedAt = performance.now();
  readonly #series: CountSeries;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
    this.#series = new CountSeries(parts.engine);
  }

  #loading(): LoadingStatus | null {
    const { loading, deadlineMs } = this.#parts.engine;
    if (loading === undefined) return null;
    const { rules, sinceMs, progress } = loading;
    const { stage = "starting", total = 0, done = 0 } = progress ?? {};
    const elapsedMs = Math.round(performance.now() - sinceMs);
    return { rules, stage, total, done, elapsedMs, deadlineMs };
  }

  async numbers(): Promise<Omit<MetricsSnapshot, "outputs" | "history">> {
    const counts = await this.#series.read();
    const { version, engine, throttled } = this.#parts;
    const { current, ring } = engine;
    const { rules, recursionMisses, measured, forgottenCounts } = engine.counters();
    return {
      version,
      startedAtMs: this.#startedAtMs,
      generation: current?.generation ?? 0,
      rules: rules.map((rule, i) => ({
        ...rule,
        ...aboutNth(current?.rules, i),
        throttled: throttled.of(rule.rule),
        ...timeOf(rule, measured),
      })),
      counts,
      recursionMisses,
      ...(forgottenCounts === undefined ? {} : { forgottenCounts }),
      ...(isMeasured(measured) ? { measured } : {}),
      readerDropped: 0,
      ring: { sizeBytes: ring.size, usedBytes: ring.pendingBytes },
    };
  }

  /** `about` is asked when all else is known. */
  async status(
    withCounts: boolean,
    about: () => Pick<StatusAnswer, "isStarting" | "problems">,
  ): Promise<StatusAnswer> {
    const counts = withCounts ? await countStatus(await this.#parts.engine.counts()) : [];
    const { isStarting, problems } = about();
    const { paths, version, engine, pump, throttled, backends } = this.#parts;
    const { current, ring } = engine;
    const counters = engine.counters();
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
        throttled: throttled.of(rule.name),
        unreadable: counted?.unreadable ?? 0,
        missed: counted?.missed ?? 0,
        skipped: counted?.skipped ?? 0,
        ...timeOf(counted, counters.measured),
      };
    });
    return {
      ok: true,
      isStarting,
      version,
      pid: process.pid,
      startedAtMs: this.#startedAtMs,
      uptimeMs: Math.round(performance.now() - this.#startedAt),
      engine: "kernel",
      paths: { pins: paths.pinDir, state: paths.stateDir, socket: paths.socket },
      generation: current?.generation ?? 0,
      loadedAtMs: current?.loadedAtMs ?? null,
      rules,
      counts,
      notices: current?.notices ?? [],
      loading: this.#loading(),
      recursionMisses: counters.recursionMisses,
      measured: isMeasured(counters.measured) ? counters.measured : null,
      ring: { sizeBytes: ring.size, pendingBytes: ring.pendingBytes },
      events: pump.events,
      history: backends.historyStatus(),
      outputs: backends.outputStatus(),
      memory: backends.memoryStatus(),
      revertsInMs: this.#parts.rules.revert.inMs,
      problems: [...problems, ...forgottenProblem(counters)],
    };
  }
}

function forgottenProblem({ forgottenCounts: count = 0 }: EngineCounters): readonly string[] {
  if (count === 0) return [];
  return [
    `counts of \`occurrence\` or \`threshold\` began again: ${count} since the rules were loaded, for more values than are kept`,
  ];
}
