/**
 * A socket of the service. Only peers that may use it get as far as a request. Input is bounded in bytes, time and
 * connections, also that of root.
 */
import { chmodSync, chownSync, lstatSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { MachineError, peerCredentials, peerGroups } from "../../sys/index.ts";
import { needing } from "../run-files/run-directory.ts";
import { failure } from "./answers.ts";
import { Connection, fdOf, type Handler, refuse } from "./connection.ts";
import { MAX_CONNECTIONS, MAX_REQUEST_BYTES } from "./protocol.ts";
import { checkSocketPath } from "./socket-path.ts";

/** Peers that may connect beside root: ensured by the mode of the socket and, where somebody opened it, by the peer's groups. */
export interface SocketAccess {
  readonly group: number;
  readonly maxRequestBytes: number;
  readonly maxConnections: number;
}

export class SocketError extends MachineError {
  readonly code = "socket";
}

export class ControlServer {
  readonly #path: string;
  readonly #handler: Handler;
  readonly #access: SocketAccess | undefined;
  readonly #connections = new Set<Connection>();
  #server: Server | undefined;
  /** Of the socket in the file system. */
  #inode: string | undefined;

  private constructor(path: string, handler: Handler, access?: SocketAccess) {
    this.#path = path;
    this.#handler = handler;
    this.#access = access;
  }

  /**
   * Throws what `open` would, now: before anything is done that cannot be undone without a socket. The caller holds the
   * lock.
   */
  static async probe(path: string): Promise<void> {
    const control = await ControlServer.open(path, async () => ({}));
    await new Promise((resolve) => control.#server?.close(resolve));
  }

  /**
   * Listens at `path`. The caller holds the lock, so a socket that is there belongs to nobody. Without `access` it is
   * for root alone.
   */
  static async open(path: string, handler: Handler, access?: SocketAccess): Promise<ControlServer> {
    checkSocketPath(path);
    const control = new ControlServer(path, handler, access);
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
    const { group } = this.#access ?? {};
    if (group === undefined)
      needing(`open ${path} to its owner alone`, () => chmodSync(path, 0o600));
    else
      needing(`open ${path} to group ${group}`, () => {
        chownSync(path, process.geteuid?.() ?? 0, group);
        chmodSync(path, 0o660);
      });
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
    if (!isAllowed(socket, this.#access?.group)) {
      refuse(socket, failure("machine", "privilege", "this needs root"));
      return;
    }
    const { maxConnections = MAX_CONNECTIONS, maxRequestBytes = MAX_REQUEST_BYTES } =
      this.#access ?? {};
    if (this.#connections.size >= maxConnections) this.#makeRoom();
    if (this.#connections.size >= maxConnections) {
      refuse(socket, failure("machine", "busy", "too many connections"));
      return;
    }
    const connection = new Connection(socket, {
      handler: this.#handler,
      maxRequestBytes,
      allPending: () => this.#pendingBytes(),
    });
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

function inodeOf(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** Root, the user of the service, or a member of the group. Where the peer's ids cannot be read: none of them. */
function isAllowed(socket: Socket, group: number | undefined): boolean {
  const fd = fdOf(socket);
  if (fd === undefined) return false;
  const { uid, gid } = peerCredentials(fd);
  if (uid === 0 || uid === process.geteuid?.()) return true;
  return group !== undefined && (gid === group || peerGroups(fd).includes(group));
}
