/** Events as syslog messages. */
import type { SyslogConfig } from "../config/outputs.ts";
import type { Loss, OutputEvent } from "../event.ts";
import { lossLine, safe, safeJson } from "../line.ts";
import type { Encoded, Sink } from "../sink.ts";
import { type Content, MessageFormatter } from "./message.ts";
import { openTransport, type Transport } from "./transport.ts";

export class SyslogSink implements Sink<Buffer> {
  readonly batch = { count: 500, bytes: 262_144 };
  readonly #config: SyslogConfig;
  readonly #formatter: MessageFormatter;
  readonly #transport: Transport;

  constructor(config: SyslogConfig) {
    this.#config = config;
    this.#formatter = new MessageFormatter(config);
    this.#transport = openTransport(config);
  }

  encode(event: OutputEvent): Encoded<Buffer> | undefined {
    const line = this.#config.format === "json" ? safeJson(event.json) : safe(event.text);
    if (line === "") return undefined;
    const { name, priority } = event.rule;
    return this.#message({ ts: event.ts, rule: name, text: line, severity: priority });
  }

  encodeLoss(loss: Loss): Encoded<Buffer> {
    return this.#message({ ts: loss.ts, rule: "loss", text: lossLine(loss, this.#config.format) });
  }

  send(messages: readonly Buffer[]): Promise<number> {
    return this.#transport.send(messages);
  }

  close(): void {
    this.#transport.close();
  }

  #message(content: Content): Encoded<Buffer> {
    const value = this.#formatter.format(content);
    return { value, size: value.length };
  }
}
