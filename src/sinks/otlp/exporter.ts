/**
 * The OpenTelemetry SDK makes the records and its exporter sends them. Its batch processor is not used: what that one
 * drops nobody could count.
 */
import { hostname } from "node:os";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  LoggerProvider,
  type LogRecordProcessor,
  type ReadableLogRecord,
} from "@opentelemetry/sdk-logs";
import { readSmallFile } from "../../files/index.ts";
import type { OtlpConfig } from "../config/outputs.ts";
import { RejectedError } from "../sink.ts";
import type { LogFields } from "./log-fields.ts";

/** SeverityNumber of each level of syslog, as the data model maps them. */
const SEVERITIES = [
  [21, "EMERG"],
  [19, "ALERT"],
  [18, "CRIT"],
  [17, "ERR"],
  [13, "WARNING"],
  [10, "NOTICE"],
  [9, "INFO"],
  [5, "DEBUG"],
] as const;
/** A notice, where the rule says nothing. */
const USUAL = 5;
/** Answers after which the protocol asks for another attempt. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

/** Keeps the records that the logger makes until they are asked for. */
class Collector implements LogRecordProcessor {
  #records: ReadableLogRecord[] = [];

  onEmit(record: ReadableLogRecord): void {
    this.#records.push(record);
  }

  take(): ReadableLogRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

export class LogExporter {
  readonly #collector = new Collector();
  readonly #provider: LoggerProvider;
  readonly #exporter: OTLPLogExporter;

  constructor({ url, headers, timeoutMs, ca }: OtlpConfig) {
    const resource = resourceFromAttributes({
      "service.name": "syscalltrack",
      "host.name": hostname(),
    });
    this.#provider = new LoggerProvider({ resource, processors: [this.#collector] });
    this.#exporter = new OTLPLogExporter({
      url,
      headers: Object.fromEntries(headers),
      timeoutMillis: timeoutMs,
      concurrencyLimit: 1,
      ...(ca === undefined ? {} : { httpAgentOptions: { ca: readSmallFile(ca), keepAlive: true } }),
    });
  }

  /** Resolves when the collector has taken all. Rejects with RejectedError when it never will. */
  async export(list: readonly LogFields[]): Promise<void> {
    const logger = this.#provider.getLogger("syscalltrack");
    for (const { ts, eventName, body, priority, attributes } of list) {
      const [severityNumber, severityText] = SEVERITIES[priority ?? USUAL] ?? SEVERITIES[USUAL];
      logger.emit({
        timestamp: hrTime(ts),
        eventName,
        body,
        severityNumber,
        severityText,
        attributes,
      });
    }
    const records = this.#collector.take();
    const { code, error } = await new Promise<{ code: number; error?: Error }>((resolve) => {
      this.#exporter.export(records, resolve);
    });
    if (code === 0) return;
    const status = (error as { code?: unknown } | undefined)?.code;
    const problem = error?.message ?? "The collector did not take the records";
    const isFinal = typeof status === "number" && status >= 300 && status < 500;
    if (isFinal && !LATER.has(status)) throw new RejectedError(problem, list.length);
    throw new Error(problem);
  }

  close(): void {
    void this.#exporter.shutdown().catch(() => undefined);
    void this.#provider.shutdown().catch(() => undefined);
  }
}

/** Seconds and nanoseconds; a number of milliseconds would lose digits. */
function hrTime(ts: string): [number, number] {
  const seconds = Math.floor(Date.parse(ts) / 1000);
  const fraction = /\.(\d+)/.exec(ts)?.[1] ?? "0";
  return [seconds, Number(fraction.slice(0, 9).padEnd(9, "0"))];
}
