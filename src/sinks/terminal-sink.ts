/**
 * Lines to a terminal, a pipe or another device. It is opened again and without waiting, so that neither a stopped
 * terminal (Ctrl-S) nor a pipe that nobody reads holds up the service, and other processes that share the file notice nothing.
 */
import { constants, fstatSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Socket } from "node:net";
import type { TerminalConfig } from "./config/outputs.ts";
import type { Loss, OutputEvent } from "./event.ts";
import { encodedLine, encodedLoss } from "./line.ts";
import { BusyError, type Encoded, type Sink } from "./sink.ts";

const { O_WRONLY, O_APPEND, O_NONBLOCK, O_NOCTTY } = constants;
const OWN_STREAMS: ReadonlyMap<string, number> = new Map([
  ["/dev/stdout", 1],
  ["/dev/stderr", 2],
]);

export class TerminalSink implements Sink<Uint8Array> {
  readonly batch = { count: 1000, bytes: 65_536 };
  readonly #config: TerminalConfig;
  #device: FileHandle | undefined;
  /** Standard output that is a socket (a service of systemd) cannot be opened by name. */
  #socket: Socket | undefined;
  /** Bytes of the first line that are written already. */
  #begun = 0;

  constructor(config: TerminalConfig) {
    this.#config = config;
  }

  encode(event: OutputEvent): Encoded<Uint8Array> | undefined {
    return encodedLine(event.line(this.#config.format));
  }

  encodeLoss(loss: Loss): Encoded<Uint8Array> {
    return encodedLoss(loss, this.#config.format);
  }

  async send(lines: readonly Uint8Array[]): Promise<number> {
    await this.#open();
    const bytes = Buffer.concat(lines).subarray(this.#begun);
    let done = await this.#write(bytes);
    done += this.#begun;
    let count = 0;
    for (const { length } of lines) {
      if (done < length) break;
      done -= length;
      count++;
    }
    this.#begun = done;
    if (count === 0) throw new BusyError("Device takes no more");
    return count;
  }

  async reopen(): Promise<void> {
    const device = this.#device;
    this.#device = undefined;
    await device?.close();
  }

  close(): void {
    void this.reopen().catch(() => undefined);
  }

  async #open(): Promise<void> {
    if (this.#device !== undefined || this.#socket !== undefined) return;
    const { device } = this.#config;
    const own = OWN_STREAMS.get(device);
    if (own !== undefined && fstatSync(own).isSocket()) {
      this.#socket = new Socket({ fd: own, readable: false });
      this.#socket.on("error", () => this.#socket?.destroy());
      this.#socket.on("close", () => {
        this.#socket = undefined;
      });
      return;
    }
    this.#begun = 0;
    this.#device = await open(device, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
  }

  async #write(bytes: Buffer): Promise<number> {
    const socket = this.#socket;
    const device = this.#device;
    if (socket !== undefined) {
      // the callback comes with an error when the socket closes first
      await new Promise<void>((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      });
      return bytes.length;
    }
    try {
      return (await device?.write(bytes))?.bytesWritten ?? 0;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN") return 0;
      await this.reopen();
      throw error;
    }
  }
}
