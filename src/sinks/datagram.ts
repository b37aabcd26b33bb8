/** Many messages to one local datagram socket, connected again when its owner came back. */
import {
  EAGAIN,
  EMSGSIZE,
  ENOBUFS,
  errnoName,
  type ReadinessWait,
  UnixDatagram,
} from "../sys/index.ts";
import { BusyError, RejectedError } from "./sink.ts";

const LONGEST_WAIT_MS = 1000;
const SEND_BUFFER_BYTES = 8 * 1024 * 1024;

export class DatagramSender {
  readonly #path: string;
  /** For messages too large for a datagram; undefined: they are refused. */
  readonly #sendLarge: ((socket: UnixDatagram, message: Uint8Array) => number) | undefined;
  #socket: UnixDatagram | undefined;
  #wait: ReadinessWait | undefined;

  constructor(path: string, sendLarge?: (socket: UnixDatagram, message: Uint8Array) => number) {
    this.#path = path;
    this.#sendLarge = sendLarge;
  }

  /** As Sink.send. */
  async send(messages: readonly Uint8Array[]): Promise<number> {
    this.#socket ??= UnixDatagram.connect(this.#path, SEND_BUFFER_BYTES);
    const socket = this.#socket;
    let { count, errno } = this.#sendSome(socket, messages);
    if (count === 0 && errno === EAGAIN && (await this.#hasRoom(socket)))
      ({ count, errno } = this.#sendSome(socket, messages));
    if (count === 0) this.#fail(errno);
    return count;
  }

  close(): void {
    // before the descriptor may be another's
    this.#wait?.cancel();
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** A receiver takes ten datagrams by default (net.unix.max_dgram_qlen): a pause by the clock would be most of the time. */
  async #hasRoom(socket: UnixDatagram): Promise<boolean> {
    this.#wait = socket.waitWritable(LONGEST_WAIT_MS);
    const isReady = await this.#wait.promise;
    this.#wait = undefined;
    return isReady && this.#socket === socket;
  }

  #sendSome(
    socket: UnixDatagram,
    messages: readonly Uint8Array[],
  ): { count: number; errno: number } {
    for (const [count, message] of messages.entries()) {
      const errno = this.#sendOne(socket, message);
      if (errno !== 0) return { count, errno };
    }
    return { count: messages.length, errno: 0 };
  }

  #sendOne(socket: UnixDatagram, message: Uint8Array): number {
    const errno = socket.send(message);
    const isTooLarge = errno === EMSGSIZE || errno === ENOBUFS;
    return isTooLarge && this.#sendLarge !== undefined ? this.#sendLarge(socket, message) : errno;
  }

  #fail(errno: number): never {
    if (errno === EAGAIN) throw new BusyError(`${this.#path} takes no more`);
    const problem = `Cannot send to ${this.#path}: ${errnoName(errno)}`;
    if (errno === EMSGSIZE) throw new RejectedError(problem, 1);
    // its owner went away; the next attempt looks whether the path has a new one
    if (errno !== ENOBUFS) this.close();
    throw new Error(problem);
  }
}
