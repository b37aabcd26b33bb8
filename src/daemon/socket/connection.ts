/** One connection to a socket of the service: requests in their order, bounded in bytes and time. */
import type { Socket } from "node:net";
import { isPeerGone } from "../../sys/index.ts";
import { answerOf, failure } from "./answers.ts";
import { LastingAnswer } from "./line-sink.ts";
import { type ErrorAnswer, IDLE_MS, MAX_PENDING_BYTES, type Request } from "./protocol.ts";
import { readRequest } from "./request.ts";
import { SocketLines } from "./socket-lines.ts";

/** Answers a request; an error that it throws is the answer, too. */
export type Handler = (request: Request) => Promise<object>;

export interface ConnectionOptions {
  readonly handler: Handler;
  /** Longest request in bytes. */
  readonly maxRequestBytes: number;
  /** Bytes of unfinished requests of all connections. */
  readonly allPending: () => number;
}

export class Connection {
  /** Of the request that has not ended yet. */
  pendingBytes = 0;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  #chunks: Buffer[] = [];
  #isBusy = false;
  #isEnding = false;
  /** Of an answer that lasts. */
  #lines: SocketLines | undefined;
  #deadline: NodeJS.Timeout | undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setTimeout(IDLE_MS, () => {
      // a client that waits for an answer may be silent; one that does not read it may not
      if (!this.#isBusy || socket.writableLength > 0) socket.destroy();
    });
    socket.on("data", (data: Buffer) => this.#take(data));
    socket.on("close", () => clearTimeout(this.#deadline));
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  end(): void {
    this.#isEnding = true;
    this.#lines?.close();
    if (!this.#isBusy) this.#socket.end();
  }

  refuse(answer: ErrorAnswer): void {
    this.#forget();
    this.#lines?.close();
    refuse(this.#socket, answer);
  }

  #take(data: Buffer): void {
    if (this.#lines !== undefined) {
      this.refuse(failure("usage", "bad_request", "nothing may be sent while lines come"));
      return;
    }
    const end = data.indexOf(10);
    const part = end < 0 ? data : data.subarray(0, end);
    this.#chunks.push(part);
    this.pendingBytes += part.length;
    if (this.pendingBytes > this.#options.maxRequestBytes) {
      this.refuse(failure("usage", "request_too_large", "the request is too large"));
    } else if (this.#options.allPending() > MAX_PENDING_BYTES) {
      this.refuse(failure("machine", "busy", "too many large requests at once"));
    } else if (end >= 0) {
      const line = Buffer.concat(this.#chunks).toString("utf8");
      this.#forget();
      this.#socket.pause();
      if (end + 1 < data.length) this.#socket.unshift(data.subarray(end + 1));
      void this.#answer(line);
    } else {
      // a byte now and then does not keep a request going for ever
      this.#deadline ??= setTimeout(() => this.#socket.destroy(), IDLE_MS).unref();
    }
  }

  #forget(): void {
    this.#chunks = [];
    this.pendingBytes = 0;
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  async #answer(line: string): Promise<void> {
    this.#isBusy = true;
    const socket = this.#socket;
    // a client that has given up, because we were stopped, wants nothing done any more
    if (isGone(socket)) return void socket.destroy();
    const answer = await this.#handle(line);
    if (answer instanceof LastingAnswer) await this.#last(answer);
    else await this.#send(answer);
    this.#isBusy = false;
    if (this.#isEnding) socket.end();
    else socket.resume();
  }

  /** The next request is read when this answer is on its way: a peer that never reads fills its own socket. */
  async #send(answer: object): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return;
    await new Promise<void>((resolve) => {
      socket.once("close", resolve);
      socket.write(`${JSON.stringify(answer)}\n`, () => {
        socket.off("close", resolve);
        resolve();
      });
    });
  }

  /** Lines until there are no more; what the other end sends meanwhile ends the connection, as its end does. */
  async #last({ first, mayPause, run }: LastingAnswer): Promise<void> {
    const socket = this.#socket;
    await this.#send(first);
    const lines = new SocketLines(socket);
    this.#lines = lines;
    if (this.#isEnding) lines.close();
    const idleMs = socket.timeout ?? 0;
    if (mayPause) socket.setTimeout(0);
    socket.resume();
    let end: object | undefined;
    try {
      end = await run(lines);
    } catch (error) {
      end = answerOf(error);
    }
    socket.pause();
    lines.close();
    this.#lines = undefined;
    if (mayPause) socket.setTimeout(idleMs);
    if (end === undefined) socket.end();
    else await this.#send(end);
  }

  async #handle(line: string): Promise<object> {
    const request = readRequest(line);
    if ("wrong" in request) {
      return failure("usage", "bad_request", `this is no request: ${request.wrong}`);
    }
    try {
      return await this.#options.handler(request);
    } catch (error) {
      return answerOf(error);
    }
  }
}

export function refuse(socket: Socket, answer: ErrorAnswer): void {
  socket.removeAllListeners("data");
  socket.end(`${JSON.stringify(answer)}\n`);
  // what it still sends is not read: the rest of a gigabyte must not keep it open
  setTimeout(() => socket.destroy(), 1000).unref();
}

function isGone(socket: Socket): boolean {
  const fd = fdOf(socket);
  return fd === undefined || isPeerGone(fd);
}

export function fdOf(socket: Socket): number | undefined {
  const fd = (socket as Socket & { readonly _handle?: { readonly fd?: number } })._handle?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
}
