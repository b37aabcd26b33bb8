/**
 * Datagrams over UDP, each given to the kernel once: nothing says that one arrived. A receiver's machine may say
 * that nobody listens. The kernel keeps that for the next call on the connected socket, which fails with ECONNREFUSED
 * and sends nothing; which datagram was refused it does not say. The last one counts as refused, for each that is reported.
 */
import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "./config/endpoint.ts";
import { GoneError, RejectedError } from "./sink.ts";

/** How long after a refusal one datagram is given to be refused as well, before others follow it. */
const PROBE_MS = 250;
/** How soon a refusal of this machine is reported. */
const LOCAL_MS = 1;

export class UdpSender {
  readonly #endpoint: Endpoint;
  #socket: Socket | undefined;
  #isClosed = false;
  /** Since the last datagrams were sent, or not reported yet. */
  #refusal: Error | undefined;
  /** The first of what is offered next is a datagram that was sent and refused. */
  #wasSent = false;
  /** Nothing has gone out without a refusal since the last one. */
  #isRefused = false;
  #refused: (() => void) | undefined;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** As Sink.send. */
  async send(messages: readonly Buffer[]): Promise<number> {
    if (this.#refusal !== undefined) this.#failRefused(this.#refusal, this.#wasSent ? 1 : 0);
    const socket = this.#socket ?? (await this.#open());
    const { sent, error } = await sendEach(
      socket,
      this.#isRefused ? messages.slice(0, 1) : messages,
    );
    if (isRefusal(error)) this.#refusal ??= error;
    else if (sent > 0) await this.#awaitRefusal();
    if (this.#refusal !== undefined) {
      if (sent <= 1) this.#failRefused(this.#refusal, sent);
      this.#wasSent = true;
      return sent - 1;
    }
    if (sent > 0) {
      this.#isRefused = false;
      return sent;
    }
    if (error?.code === "EMSGSIZE") throw new RejectedError(error.message, 1);
    this.#drop();
    throw error;
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
    this.#refused?.();
  }

  #failRefused(refusal: Error, lost: number): never {
    this.#refusal = undefined;
    this.#wasSent = false;
    this.#isRefused = true;
    // the next attempt looks where the receiver's name leads by then
    this.#drop();
    throw lost > 0 ? new GoneError(refusal.message, lost) : refusal;
  }

  async #awaitRefusal(): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      this.#refused = resolve;
    });
    const timer = new AbortController();
    await Promise.race([
      answered,
      sleep(this.#isRefused ? PROBE_MS : LOCAL_MS, undefined, timer).catch(() => undefined),
    ]);
    timer.abort();
    this.#refused = undefined;
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  /** A connected socket: only that is reported when nobody listens. */
  async #open(): Promise<Socket> {
    const { host, port } = this.#endpoint;
    const { address, family } = await lookup(host);
    if (this.#isClosed) throw new Error("The output is closed");
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      socket.once("close", () => reject(new Error("The output is closed")));
      socket.once("error", (error) => {
        if (this.#socket === socket) this.#drop();
        reject(error);
      });
      socket.connect(port, address, () => {
        socket.removeAllListeners("error");
        socket.on("error", (error) => {
          if (this.#socket !== socket) return;
          this.#refusal ??= error;
          this.#refused?.();
        });
        resolve(socket);
      });
    });
  }
}

/** Sends one after the other, so that what is behind a failure has not gone out. */
async function sendEach(
  socket: Socket,
  messages: readonly Buffer[],
): Promise<{ sent: number; error?: NodeJS.ErrnoException }> {
  let sent = 0;
  for (const message of messages) {
    const error = await sendOne(socket, message);
    if (error !== undefined) return { sent, error };
    sent++;
  }
  return { sent };
}

function isRefusal(error: NodeJS.ErrnoException | undefined): error is NodeJS.ErrnoException {
  return error?.code === "ECONNREFUSED";
}

function sendOne(socket: Socket, message: Buffer): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    try {
      socket.send(message, (error) => resolve(error ?? undefined));
    } catch (error) {
      // the socket was closed in the meantime
      resolve(error as Error);
    }
  });
}
