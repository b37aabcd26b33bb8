/** All outputs of the configuration. None of them can stop another one, nor whoever delivers. */
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
}

/** How long `close` waits for receivers. */
const CLOSE_TIMEOUT_MS = 5000;

export class Outputs {
  private readonly outputs: readonly Output[];

  private constructor(outputs: readonly Output[]) {
    this.outputs = outputs;
  }

  /** Opens nothing yet: files and connections are opened at the first event, and again whenever they fail. */
  static open(configs: readonly OutputConfig[], options: OutputsOptions = {}): Outputs {
    const notice = options.onNotice ?? (() => undefined);
    return new Outputs(configs.map((config) => new Output(config, openSink(config), notice)));
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
  async close(timeoutMs = CLOSE_TIMEOUT_MS): Promise<void> {
    await Promise.all(this.outputs.map((output) => output.close(timeoutMs)));
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
