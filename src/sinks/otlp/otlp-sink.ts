/** Events as OTLP logs over HTTP. The SDK is loaded at the first event: it is large, and most services have no use for it. */
import type { OtlpConfig } from "../config/outputs.ts";
import type { Loss, OutputEvent } from "../event.ts";
import type { Encoded, Sink } from "../sink.ts";
import type { LogExporter } from "./exporter.ts";
import { type LogFields, logFields, lossLogFields } from "./log-fields.ts";

/** What the numbers and names of a record take beside its texts. */
const OVERHEAD_BYTES = 1000;

export class OtlpSink implements Sink<LogFields> {
  readonly batch: { readonly count: number; readonly bytes: number };
  readonly giveUpAfterMs: number;
  readonly #config: OtlpConfig;
  #exporter: LogExporter | undefined;

  constructor(config: OtlpConfig) {
    this.#config = config;
    this.batch = { count: config.batch, bytes: 2_097_152 };
    this.giveUpAfterMs = config.giveUpAfterMs;
  }

  encode(event: OutputEvent): Encoded<LogFields> {
    return { value: logFields(event), size: OVERHEAD_BYTES + 2 * event.json.length };
  }

  encodeLoss(loss: Loss): Encoded<LogFields> {
    return { value: lossLogFields(loss), size: OVERHEAD_BYTES };
  }

  async send(records: readonly LogFields[]): Promise<number> {
    const { LogExporter } = await import("./exporter.ts");
    this.#exporter ??= new LogExporter(this.#config);
    try {
      await this.#exporter.export(records);
    } catch (error) {
      // the next attempt reads the certificate again
      this.close();
      throw error;
    }
    return records.length;
  }

  close(): void {
    const exporter = this.#exporter;
    this.#exporter = undefined;
    exporter?.close();
  }
}
