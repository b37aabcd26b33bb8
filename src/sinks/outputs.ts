/** All outputs of the configuration. None of them can stop another one, nor whoever delivers. */
import { isDeepStrictEqual } from "node:util";
import type { OutputConfig } from "./config/outputs.ts";
import type { Loss, OutputEvent } from "./event.ts";
import { FileSink } from "./file/file-sink.ts";
import { WebhookSink } from "./http/webhook-sink.ts";
import { JournaldSink } from "./journald/journald-sink.ts";
import { OtlpSink } from "./otlp/otlp-sink.ts";
import { type Notice, Output, type OutputCounters } from "./output.ts";
import type { Sink } from "./sink.ts";
import { SyslogSink } from "./syslog/syslog-sink.ts";
import { TerminalSink } from "./terminal-sink.ts";

export interface OutputsOptions {
  /** Told when an output begins to fail, with the reason, and when it works again. */
  readonly onNotice?: Notice;
  /** How long outputs that are closed have for what waits in them. */
  readonly closeTimeoutMs?: number;
}

const CLOSE_TIMEOUT_MS = 5000;

export class Outputs {
  private outputs: readonly Output[] = [];
  private readonly notice: Notice;
  private readonly closeTimeoutMs: number;

  private constructor({ onNotice, closeTimeoutMs }: OutputsOptions) {
    this.notice = onNotice ?? (() => undefined);
    this.closeTimeoutMs = closeTimeoutMs ?? CLOSE_TIMEOUT_MS;
  }

  /** Opens nothing yet: files and connections are opened at the first event, and again whenever they fail. */
  static open(configs: readonly OutputConfig[], options: OutputsOptions = {}): Outputs {
    const outputs = new Outputs(options);
    outputs.configure(configs);
    return outputs;
  }

  /**
   * From now on these are the outputs. One whose configuration is as before goes on with its queue, counters and
   * connection; one that has changed sends when its predecessor has ended.
   */
  configure(configs: readonly OutputConfig[]): void {
    const before = this.outputs;
    this.outputs = configs.map(
      (config) =>
        before.find((output) => isDeepStrictEqual(output.config, config)) ??
        new Output(config, openSink(config), this.notice),
    );
    for (const old of before) {
      if (this.outputs.includes(old)) continue;
      const next = this.outputs.find(({ config }) => config.name === old.config.name);
      const closed = old.close(this.closeTimeoutMs);
      if (next === undefined) void this.tellClosed(old, closed);
      else next.follow(old, closed);
    }
  }

  /** Queues events for all outputs that want them. Never waits and never throws; what has no room is counted. */
  deliver(events: Iterable<OutputEvent>): void {
    if (this.outputs.length === 0) return;
    for (const event of events) for (const output of this.outputs) output.deliver(event);
  }

  /** Tells every output of events that were lost before they came here. */
  deliverLoss(loss: Omit<Loss, "where">): void {
    for (const output of this.outputs) output.deliverLoss({ ...loss, where: "buffer" });
  }

  /** Lets go of files that were renamed (SIGHUP). */
  reopen(): void {
    for (const output of this.outputs) output.reopen();
  }

  counters(): readonly OutputCounters[] {
    return this.outputs.map((output) => output.counters());
  }

  /** Hands over what is queued, then ends. What could not be handed over in time is counted as lost. */
  async close(timeoutMs = this.closeTimeoutMs): Promise<void> {
    await Promise.all(
      this.outputs.map((output) => this.tellClosed(output, output.close(timeoutMs))),
    );
  }

  /** What no receiver will hear of. */
  private async tellClosed({ config }: Output, closed: Promise<Loss | undefined>): Promise<void> {
    const untold = await closed;
    if (untold === undefined) return;
    this.notice(config.name, `it is closed, ${untold.total} events were not written to it`);
  }
}

/** `unknown`: an output gives its sink only what that sink made. */
function openSink(config: OutputConfig): Sink<unknown> {
  switch (config.type) {
    case "terminal":
      return new TerminalSink(config) as Sink<unknown>;
    case "file":
      return new FileSink(config) as Sink<unknown>;
    case "syslog":
      return new SyslogSink(config) as Sink<unknown>;
    case "journald":
      return new JournaldSink(config) as Sink<unknown>;
    case "webhook":
      return new WebhookSink(config) as Sink<unknown>;
    case "otlp":
      return new OtlpSink(config) as Sink<unknown>;
  }
}
