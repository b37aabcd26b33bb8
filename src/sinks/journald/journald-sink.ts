/** Events to systemd-journald with fields, by its native protocol; large ones as a sealed file in memory. */
import { type JournaldConfig, SEVERITIES } from "../config/outputs.ts";
import { DatagramSender } from "../datagram.ts";
import type { Loss, OutputEvent } from "../event.ts";
import type { Encoded, Sink } from "../sink.ts";
import { eventFields, lossFields } from "./event-fields.ts";
import { encodeFields, type JournalField } from "./fields.ts";

export class JournaldSink implements Sink<Buffer> {
  readonly batch = { count: 200, bytes: 1_048_576 };
  readonly #severity: number;
  readonly #sender: DatagramSender;

  constructor(config: JournaldConfig) {
    this.#severity = SEVERITIES.indexOf(config.severity);
    this.#sender = new DatagramSender(config.path, (socket, message) =>
      socket.sendAsFile(message, "syscalltrack-journal"),
    );
  }

  encode(event: OutputEvent): Encoded<Buffer> {
    return encoded(eventFields(event, this.#severity));
  }

  encodeLoss(loss: Loss): Encoded<Buffer> {
    return encoded(lossFields(loss, this.#severity));
  }

  async send(messages: readonly Buffer[]): Promise<number> {
    return this.#sender.send(messages);
  }

  close(): void {
    this.#sender.close();
  }
}

function encoded(fields: readonly JournalField[]): Encoded<Buffer> {
  const value = encodeFields(fields);
  return { value, size: value.length };
}
