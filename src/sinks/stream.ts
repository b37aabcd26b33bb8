/** Bytes into a connection that is made at need and made again after it broke. */
import type { Socket } from "node:net";

/** For a connection to be made; the kernel's own patience is minutes. */
const CONNECT_TIMEOUT_MS = 10_000;

export class StreamSender {
  readonly #connect: () => Socket;
  /** Event that says that the connection can be used. */
  readonly #ready: string;
  #socket: Socket | undefined;
  #problem: Error | undefined;
  #isClosed = false;

  constructor(connect: () => Socket, ready: string) {
    this.#connect = connect;
    this.#ready = ready;
  }

  /** Resolves when the system has taken all bytes; rejects when the connection fails or breaks before that. */
  async write(bytes: Buffer): Promise<void> {
    const socket = this.#socket ?? (await this.#open());
    await new Promise<void>((resolve, reject) => {
      const fail = () => reject(this.#problem ?? new Error("The receiver closed the connection"));
      if (socket.destroyed || !socket.writable) {
        this.#drop(socket);
        fail();
        return;
      }
      socket.once("close", fail);
      socket.write(bytes, (error) => {
        socket.off("close", fail);
        if (error) fail();
        else resolve();
      });
    });
  }

  close(): void {
    this.#isClosed = true;
    const socket = this.#socket;
    this.#socket = undefined;
    // what was written still goes out; a receiver that takes nothing must not keep us
    socket?.destroySoon();
    setTimeout(() => socket?.destroy(), 1000).unref();
  }

  #open(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      this.#problem = undefined;
      const socket = this.#connect();
      const timer = setTimeout(() => {
        socket.destroy(new Error("The receiver does not answer"));
      }, CONNECT_TIMEOUT_MS);
      socket.on("error", (error) => {
        this.#problem = error;
      });
      socket.on("close", () => {
        clearTimeout(timer);
        this.#drop(socket);
        reject(this.#problem ?? new Error("The receiver closed the connection"));
      });
      // syslog has no answers; not reading them would fill the receiver's side
      socket.resume();
      socket.once(this.#ready, () => {
        clearTimeout(timer);
        if (this.#isClosed) {
          // nobody would close it any more
          socket.destroy();
          return;
        }
        this.#socket = socket;
        resolve(socket);
      });
    });
  }

  #drop(socket: Socket): void {
    socket.destroy();
    if (this.#socket === socket) this.#socket = undefined;
  }
}
