/** Many messages to one local datagram socket, connected again when its owner came back. */
import { EAGAIN, EMSGSIZE, ENOBUFS, errnoName, UnixDatagram } from "../sys/index.ts";
import { BusyError, RejectedError } from "./sink.ts";

const SEND_BUFFER_BYTES = 8 * 1024 * 1024;

export class DatagramSender {
  private readonly path: string;
  /** For messages too large for a datagram; undefined: they are refused. */
  private readonly sendLarge: ((socket: UnixDatagram, message: Uint8Array) => number) | undefined;
  private socket: UnixDatagram | undefined;

  constructor(path: string, sendLarge?: (socket: UnixDatagram, message: Uint8Array) => number) {
    this.path = path;
    this.sendLarge = sendLarge;
  }

  /** As Sink.send. */
  send(messages: readonly Uint8Array[]): number {
    this.socket ??= UnixDatagram.connect(this.path, SEND_BUFFER_BYTES);
    let count = 0;
    for (const message of messages) {
      const errno = this.sendOne(this.socket, message);
      if (errno !== 0) {
        if (count > 0) break;
        this.fail(errno);
      }
      count++;
    }
    return count;
  }

  close(): void {
    this.socket?.close();
    this.socket = undefined;
  }

  private sendOne(socket: UnixDatagram, message: Uint8Array): number {
    const errno = socket.send(message);
    const isTooLarge = errno === EMSGSIZE || errno === ENOBUFS;
    return isTooLarge && this.sendLarge !== undefined ? this.sendLarge(socket, message) : errno;
  }

  private fail(errno: number): never {
    if (errno === EAGAIN) throw new BusyError(`${this.path} takes no more`);
    const problem = `Cannot send to ${this.path}: ${errnoName(errno)}`;
    if (errno === EMSGSIZE) throw new RejectedError(problem, 1);
    // its owner went away; the next attempt looks whether the path has a new one
    if (errno !== ENOBUFS) this.close();
    throw new Error(problem);
  }
}
