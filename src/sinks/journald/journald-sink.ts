/** Events to systemd-journald with fields, by its native protocol; large ones as a sealed file in memory. */
import { type JournaldConfig, SEVERITIES } from "../config/outputs.ts";
import { DatagramSender } from "../datagram.ts";
import { type Loss, type OutputEvent, ruleOf } from "../event.ts";
import { lossText, safe, safeJson } from "../line.ts";
import type { Encoded, Sink } from "../sink.ts";
import { encodeFields, type Field } from "./fields.ts";

export class JournaldSink implements Sink<Buffer> {
  readonly batch = { count: 200, bytes: 1_048_576 };
  private readonly common: readonly Field[];
  private readonly sender: DatagramSender;

  constructor(config: JournaldConfig) {
    this.common = [
      ["SYSLOG_IDENTIFIER", "syscalltrack"],
      ["PRIORITY", String(SEVERITIES.indexOf(config.severity))],
    ];
    this.sender = new DatagramSender(config.path, (socket, message) =>
      socket.sendAsFile(message, "syscalltrack-journal"),
    );
  }

  encode(output: OutputEvent): Encoded<Buffer> | undefined {
    const { event, text, json } = output;
    const message =
      text === "" ? `${ruleOf(output)}: ${event.actions.join(",")} ${event.as}` : text;
    return encoded([
      ["MESSAGE", safe(message)],
      ...this.common,
      ["SCT_RULE", ruleOf(output)],
      ["SCT_ACTIONS", event.actions.join(",")],
      ["SCT_WHEN", event.when],
      ["SCT_SYSCALL", event.syscall],
      ["SCT_PID", event.pid],
      ["SCT_TID", event.tid],
      ["SCT_PPID", event.ppid],
      ["SCT_UID", event.uid],
      ["SCT_EUID", event.euid],
      ["SCT_GID", event.gid],
      ["SCT_COMM", event.comm],
      ["SCT_EXE", event.exe],
      ["SCT_CWD", event.cwd],
      ["SCT_PATH", event.path ?? firstPath(output)],
      ["SCT_RETVAL", event.retval],
      ["SCT_ERRNO", event.errno],
      ["SCT_FLAGS", event.flags.join(",") || null],
      ["SCT_GENERATION", event.gen],
      ["SCT_SEQ", event.seq],
      ["SCT_TIME", event.ts],
      ["SCT_JSON", safeJson(json)],
    ]);
  }

  encodeLoss(loss: Loss): Encoded<Buffer> {
    const rules = JSON.stringify(loss.rules);
    return encoded([
      ["MESSAGE", safe(lossText(loss))],
      ...this.common,
      ["SCT_LOST", loss.total],
      ["SCT_LOST_RULES", rules],
    ]);
  }

  async send(messages: readonly Buffer[]): Promise<number> {
    return this.sender.send(messages);
  }

  close(): void {
    this.sender.close();
  }
}

function firstPath({ event }: OutputEvent): string | null {
  const value = event.params.find(({ type }) => type === "path")?.value;
  return typeof value === "string" ? value : null;
}

function encoded(fields: readonly Field[]): Encoded<Buffer> {
  const value = encodeFields(fields);
  return { value, size: value.length };
}
