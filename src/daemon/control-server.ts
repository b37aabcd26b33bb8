/**
 * The control socket. Nobody but root gets as far as a request, and what comes is bounded whoever sends it: in
 * bytes, time and connections. Requests of one connection are answered one after the other.
 */
import { chmodSync, lstatSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { isPeerGone, MachineError, peerCredentials } from "../sys/index.ts";
import { answerOf, failure } from "./answers.ts";
import {
  type ErrorAnswer,
  IDLE_MS,
  MAX_CONNECTIONS,
  MAX_PENDING_BYTES,
  MAX_REQUEST_BYTES,
  type Request,
} from "./protocol.ts";
import { readRequest } from "./request.ts";
import { needing } from "./run-directory.ts";
import { checkSocketPath } from "./socket-path.ts";

/** Answers a request; an error that it throws is the answer, too. */
export type Handler = (request: Request) => Promise<object>;

export class SocketError extends MachineError {
  readonly code = "socket";
}

export class ControlServer {
  readonly #path: string;
  readonly #handler: Handler;
  readonly #connections = new Set<Connection>();
  #server: Server | undefined;
  /** Of the socket in the file system. */
  #inode: string | undefined;

  private constructor(path: string, handler: Handler) {
    this.#path = path;
    this.#handler = handler;
  }

  /**
   * Throws what `open` would, now: before anything is done that cannot be undone without a socket. Whoever calls holds the
   * lock.
   */
  static async probe(path: string): Promise<void> {
    const control = await ControlServer.open(path, async () => ({}));
    await new Promise((resolve) => control.#server?.close(resolve));
  }

  /** Listens at `path`; whoever calls holds the lock, so a socket that is there belongs to nobody. */
  static async open(path: string, handler: Handler): Promise<ControlServer> {
    checkSocketPath(path);
    const control = new ControlServer(path, handler);
    await control.#listen();
    return control;
  }

  /** False: somebody has removed the socket, and nobody new can connect. */
  get isInPlace(): boolean {
    return this.#inode !== undefined && inodeOf(this.#path) === this.#inode;
  }

  /** Listens again where the socket was removed; connections continue. Throws as `open` does, which may be tried again. */
  async listenAgain(): Promise<void> {
    // first: closing removes what is at the path
    this.#server?.close();
    this.#server = undefined;
    this.#inode = undefined;
    await this.#listen();
  }

  async #listen(): Promise<void> {
    const path = this.#path;
    needing(`remove ${path}`, () => rmSync(path, { force: true }));
    const server = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) =>
        reject(new SocketError(`Cannot make socket ${path}: ${error.code}`, undefined, error)),
      );
      // the directory is 0700 already; this is for one that somebody opened
      const mask = process.umask(0o177);
      server.listen(path, resolve);
      process.umask(mask);
      this.#server = server;
    });
    needing(`open ${path} to its owner alone`, () => chmodSync(path, 0o600));
    this.#inode = inodeOf(path);
    // accept(2) may fail for lack of descriptors: the next connection is another try
    server.on("error", () => {});
  }

  /** Takes no more connections and ends those that are idle; answers under way are sent. */
  close(): void {
    this.#server?.close();
    for (const connection of this.#connections) connection.end();
  }

  #accept(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    const uid = uidOf(socket);
    if (uid !== 0 && uid !== process.geteuid?.()) {
      refuse(socket, failure("machine", "privilege", "this needs root"));
      return;
    }
    if (this.#connections.size >= MAX_CONNECTIONS) this.#makeRoom();
    if (this.#connections.size >= MAX_CONNECTIONS) {
      refuse(socket, failure("machine", "busy", "too many connections"));
      return;
    }
    const connection = new Connection(socket, this.#handler, () => this.#pendingBytes());
    this.#connections.add(connection);
    socket.on("close", () => this.#connections.delete(connection));
    socket.resume();
  }

  /** A connection that asks nothing makes way for a new one. */
  #makeRoom(): void {
    for (const connection of this.#connections) {
      if (connection.isBusy) continue;
      connection.refuse(failure("machine", "busy", "too many connections"));
      this.#connections.delete(connection);
      return;
    }
  }

  #pendingBytes(): number {
    let bytes = 0;
    for (const connection of this.#connections) bytes += connection.pendingBytes;
    return bytes;
  }
}

class Connection {
  /** Of the request that has not ended yet. */
  pendingBytes = 0;
  readonly #socket: Socket;
  readonly #handler: Handler;
  readonly #allPending: () => number;
  #chunks: Buffer[] = [];
  #isBusy = false;
  #isEnding = false;
  #deadline: NodeJS.Timeout | undefined;

  constructor(socket: Socket, handler: Handler, allPending: () => number) {
    this.#socket = socket;
    this.#handler = handler;
    this.#allPending = allPending;
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
    if (!this.#isBusy) this.#socket.end();
  }

  refuse(answer: ErrorAnswer): void {
    this.#forget();
    refuse(this.#socket, answer);
  }

  #take(data: Buffer): void {
    const end = data.indexOf(10);
    const part = end < 0 ? data : data.subarray(0, end);
    this.#chunks.push(part);
    this.pendingBytes += part.length;
    if (this.pendingBytes > MAX_REQUEST_BYTES) {
      this.refuse(failure("usage", "request_too_large", "the request is too large"));
    } else if (this.#allPending() > MAX_PENDING_BYTES) {
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
    if (!socket.destroyed) {
      // the next request is read when this answer is on its way: a peer that never reads fills its own socket
      await new Promise<void>((resolve) => {
        socket.once("close", resolve);
        socket.write(`${JSON.stringify(answer)}\n`, () => {
          socket.off("close", resolve);
          resolve();
        });
      });
    }
    this.#isBusy = false;
    if (this.#isEnding) socket.end();
    else socket.resume();
  }

  async #handle(line: string): Promise<object> {
    const request = readRequest(line);
    if ("wrong" in request) {
      return failure("usage", "bad_request", `this is no request: ${request.wrong}`);
    }
    try {
      return await this.#handler(request);
    } catch (error) {
      return answerOf(error);
    }
  }
}

function refuse(socket: Socket, answer: ErrorAnswer): void {
  socket.removeAllListeners("data");
  socket.end(`${JSON.stringify(answer)}\n`);
  // what it still sends is not read: the rest of a gigabyte must not keep it open
  setTimeout(() => socket.destroy(), 1000).unref();
}

function inodeOf(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** Undefined when it is not known, which is nobody we know. */
function uidOf(socket: Socket): number | undefined {
  const fd = fdOf(socket);
  return fd === undefined ? undefined : peerCredentials(fd).uid;
}

function isGone(socket: Socket): boolean {
  const fd = fdOf(socket);
  return fd === undefined || isPeerGone(fd);
}

function fdOf(socket: Socket): number | undefined {
  const fd = (socket as Socket & { readonly _handle?: { readonly fd?: number } })._handle?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
}
