/** The sink of each type of output. */
import type { OutputConfig } from "./config/outputs.ts";
import { FileSink } from "./file/file-sink.ts";
import { WebhookSink } from "./http/webhook-sink.ts";
import { JournaldSink } from "./journald/journald-sink.ts";
import { OtlpSink } from "./otlp/otlp-sink.ts";
import type { Sink } from "./sink.ts";
import { SyslogSink } from "./syslog/syslog-sink.ts";
import { TerminalSink } from "./terminal-sink.ts";

/** `unknown`: an output gives its sink only what that sink made. */
export function openSink(config: OutputConfig): Sink<unknown> {
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
