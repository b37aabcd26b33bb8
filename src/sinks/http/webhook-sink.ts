/** Events in batches to an HTTP server: `{"v":1,"host":"…","events":[…]}`. Any 2xx takes the batch. */
import { hostname } from "node:os";
import type { WebhookConfig } from "../config/outputs.ts";
import type { Loss, OutputEvent } from "../event.ts";
import { lossLine } from "../line.ts";
import { type Encoded, RejectedError, type Sink } from "../sink.ts";
import { Poster } from "./post.ts";

const TOO_LARGE = 413;
/** Answers in the range of refusals that say "later". */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

export class WebhookSink implements Sink<Uint8Array> {
  readonly batch: { readonly count: number; readonly bytes: number };
  readonly giveUpAfterMs: number;
  readonly #poster: Poster;
  readonly #head = Buffer.from(`{"v":1,"host":${JSON.stringify(hostname())},"events":[`);
  /** Halved while the receiver finds batches too large. */
  #limit: number;

  constructor(config: WebhookConfig) {
    this.batch = { count: config.batch, bytes: 1_048_576 };
    this.giveUpAfterMs = config.giveUpAfterMs;
    this.#poster = new Poster(config);
    this.#limit = config.batch;
  }

  encode(event: OutputEvent): Encoded<Uint8Array> | undefined {
    const line = event.line("json");
    return line && encoded(line.subarray(0, -1));
  }

  encodeLoss(loss: Loss): Encoded<Uint8Array> {
    return encoded(Buffer.from(lossLine(loss, "json")));
  }

  async send(events: readonly Uint8Array[]): Promise<number> {
    const part = events.slice(0, this.#limit);
    const list = part.flatMap((event, i) => (i === 0 ? [event] : [COMMA, event]));
    const body = Buffer.concat([this.#head, ...list, TAIL]);
    const status = await this.#poster.post(body, "application/json");
    if (status >= 200 && status < 300) return part.length;
    const problem = `The receiver answers ${status}`;
    if (status === TOO_LARGE && part.length > 1) this.#limit = Math.ceil(part.length / 2);
    else if (status >= 300 && status < 500 && !LATER.has(status)) {
      throw new RejectedError(problem, part.length);
    }
    throw new Error(problem);
  }

  close(): void {
    this.#poster.close();
  }
}

const COMMA = Buffer.from(",");
const TAIL = Buffer.from("]}\n");

function encoded(value: Uint8Array): Encoded<Uint8Array> {
  return { value, size: value.length };
}
