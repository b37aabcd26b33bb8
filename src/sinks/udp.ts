/** Datagrams over UDP. The receiver's machine may say that nobody listens; nothing else is ever known. */
import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import type { Endpoint } from "./config/endpoint.ts";
import { RejectedError } from "./sink.ts";

export class UdpSender {
  private readonly endpoint: Endpoint;
  private socket: Socket | undefined;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  async send(messages: readonly Buffer[]): Promise<number> {
    const socket = this.socket ?? (await this.open());
    const results = await Promise.all(messages.map((message) => sendOne(socket, message)));
    const failed = results.findIndex((error) => error !== undefined);
    if (failed < 0) return messages.length;
    if (failed > 0) return failed;
    const error = results[0] as NodeJS.ErrnoException;
    if (error.code === "EMSGSIZE") throw new RejectedError(error.message, 1);
    this.close();
    throw error;
  }

  close(): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
  }

  /** A connected socket: only that is told when nobody listens. */
  private async open(): Promise<Socket> {
    const { host, port } = this.endpoint;
    const { address, family } = await lookup(host);
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    return new Promise((resolve, reject) => {
      socket.once("error", (error) => {
        socket.close();
        reject(error);
      });
      socket.connect(port, address, () => {
        socket.removeAllListeners("error");
        // also comes with the callback of the message that it is about
        socket.on("error", () => undefined);
        this.socket = socket;
        resolve(socket);
      });
    });
  }
}

function sendOne(socket: Socket, message: Buffer): Promise<Error | undefined> {
  return new Promise((resolve) => {
    try {
      socket.send(message, (error) => resolve(error ?? undefined));
    } catch (error) {
      // the socket was closed in the meantime
      resolve(error as Error);
    }
  });
}
