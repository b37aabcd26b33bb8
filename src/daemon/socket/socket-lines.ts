/** The lines of a lasting answer on a socket. */
import type { Socket } from "node:net";
import type { LineSink } from "./line-sink.ts";

export class SocketLines implements LineSink {
  onDrain: () => void = () => undefined;
  readonly #socket: Socket;
  readonly #end = Promise.withResolvers<void>();
  #isClosed = false;
  readonly #close = (): void => this.close();
  readonly #drain = (): void => this.onDrain();

  constructor(socket: Socket) {
    this.#socket = socket;
    if (socket.destroyed) this.close();
    socket.once("close", this.#close);
    socket.on("drain", this.#drain);
  }

  get pendingBytes(): number {
    return this.#socket.writableLength;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get closed(): Promise<void> {
    return this.#end.promise;
  }

  write(lines: Uint8Array): void {
    if (!this.#isClosed) this.#socket.write(lines);
  }

  async drained(): Promise<void> {
    const socket = this.#socket;
    if (this.#isClosed || !socket.writableNeedDrain) return;
    const drained = Promise.withResolvers<void>();
    socket.once("drain", drained.resolve);
    await Promise.race([drained.promise, this.closed]);
    socket.off("drain", drained.resolve);
  }

  /** No line follows. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.off("close", this.#close);
    this.#socket.off("drain", this.#drain);
    this.#end.resolve();
  }
}
