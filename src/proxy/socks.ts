/** SOCKS5 (RFC 1928) with user and password (RFC 1929): CONNECT to names and addresses. */
import type { Socket } from "node:net";
import { isPassword, PROXY_USER } from "./credential.ts";
import type { Dialler } from "./dial.ts";
import { namedTarget, type ProxyTarget } from "./target.ts";
import { endWith, tunnel } from "./tunnel.ts";

const VERSION = 5;
const BY_PASSWORD = 2;
const NO_METHOD = 0xff;
const CONNECT = 1;
const Reply = { made: 0, denied: 2, unreachable: 4, noSuchCommand: 7, noSuchAddress: 8 } as const;
/** Kinds of addresses, and their lengths. */
const Kind = { ipv4: 1, name: 3, ipv6: 4 } as const;
/** More than every message of it has. */
const MOST_BYTES = 1024;

/** Bytes as they come, taken in pieces of known length. */
class Incoming {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", this.#add);
    socket.on("close", () => this.#wake?.());
    socket.on("end", () => this.#wake?.());
  }

  readonly #add = (piece: Buffer): void => {
    this.#bytes = Buffer.concat([this.#bytes, piece]);
    if (this.#bytes.length > MOST_BYTES) this.#socket.pause();
    this.#wake?.();
  };

  /** Rejects when the client ends before. */
  async take(length: number): Promise<Buffer> {
    while (this.#bytes.length < length) {
      if (this.#socket.destroyed || this.#socket.readableEnded) throw new Error("ended");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  async byte(): Promise<number> {
    return (await this.take(1))[0] ?? 0;
  }

  /** What came behind the last message; the socket is somebody else's from now on. */
  release(): Buffer {
    this.#socket.pause();
    this.#socket.off("data", this.#add);
    return this.#bytes;
  }
}

/** Serves one connection. `begun` is called when its request is there. */
export async function serveSocks(
  socket: Socket,
  { password, dialler, begun }: { password: string; dialler: Dialler; begun: () => void },
): Promise<void> {
  try {
    const incoming = new Incoming(socket);
    if (!(await authenticate(incoming, socket, password))) return;
    const target = await readRequest(incoming, socket, dialler);
    if (target === undefined) return;
    begun();
    const dialled = await dialler.dial(target, "SOCKS5", socket);
    if (!dialled.ok) {
      endWith(socket, reply(dialled.why === "denied" ? Reply.denied : Reply.unreachable));
      return;
    }
    const rest = incoming.release();
    if (socket.destroyed) {
      dialled.socket.destroy();
      return;
    }
    socket.write(reply(Reply.made));
    dialled.socket.write(rest);
    tunnel(socket, dialled.socket);
  } catch {
    // the client is gone
    socket.destroy();
  }
}

async function authenticate(
  incoming: Incoming,
  socket: Socket,
  password: string,
): Promise<boolean> {
  const [version, count = 0] = await incoming.take(2);
  const methods = await incoming.take(count);
  if (version !== VERSION || !methods.includes(BY_PASSWORD)) {
    endWith(socket, Uint8Array.of(VERSION, NO_METHOD));
    return false;
  }
  socket.write(Uint8Array.of(VERSION, BY_PASSWORD));
  const subVersion = await incoming.byte();
  const user = await incoming.take(await incoming.byte());
  const given = await incoming.take(await incoming.byte());
  const isKnown =
    subVersion === 1 && user.toString("latin1") === PROXY_USER && isPassword(given, password);
  const answer = Uint8Array.of(1, isKnown ? 0 : 1);
  if (isKnown) socket.write(answer);
  else endWith(socket, answer);
  return isKnown;
}

async function readRequest(
  incoming: Incoming,
  socket: Socket,
  dialler: Dialler,
): Promise<ProxyTarget | undefined> {
  const [version, command, , kind = 0] = await incoming.take(4);
  if (version !== VERSION || command !== CONNECT) {
    endWith(socket, reply(Reply.noSuchCommand));
    return undefined;
  }
  const host = await readHost(incoming, kind);
  if (host === undefined) {
    endWith(socket, reply(Reply.noSuchAddress));
    return undefined;
  }
  const port = (await incoming.take(2)).readUInt16BE();
  const target = port === 0 ? undefined : namedTarget(host, port);
  if (target === undefined) {
    dialler.malformed(host, "SOCKS5", socket);
    endWith(socket, reply(Reply.denied));
  }
  return target;
}

async function readHost(incoming: Incoming, kind: number): Promise<string | undefined> {
  switch (kind) {
    case Kind.ipv4:
      return (await incoming.take(4)).join(".");
    case Kind.name:
      return (await incoming.take(await incoming.byte())).toString("latin1");
    case Kind.ipv6: {
      const bytes = await incoming.take(16);
      return Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(":");
    }
    default:
      return undefined;
  }
}

/** With an address that nobody needs. */
const reply = (code: number): Uint8Array =>
  Uint8Array.of(VERSION, code, 0, Kind.ipv4, 0, 0, 0, 0, 0, 0);
