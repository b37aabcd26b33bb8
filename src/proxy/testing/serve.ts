/** A proxy in the process of a test, and servers that it may lead to. */
import { createServer as createHttp, type RequestListener } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import {
  type ConnectList,
  type KnownHosts,
  LIMITS,
  type NamedConnection,
  type ProxyLimits,
} from "../contract.ts";
import { serveProxy } from "../server.ts";

const PASSWORD = "0123456789abcdef";
export const AUTHORIZATION = `Proxy-Authorization: Basic ${btoa(`sct:${PASSWORD}`)}\r\n`;
export const SOCKS_LOGIN: Uint8Array = Buffer.concat([
  Uint8Array.of(5, 1, 2, 1, 3),
  Buffer.from("sct"),
  Uint8Array.of(PASSWORD.length),
  Buffer.from(PASSWORD),
]);

/** A list of one policy: `"a.example:1"`, `"*.a.example"`, `not …`; addresses as node:net has them. */
export function connectList(
  hosts: readonly string[],
  addresses: readonly string[] = [],
  denies = true,
): ConnectList {
  return {
    policy: "p",
    at: "p.conf:2",
    denies,
    hosts: hosts.map((entry) => {
      const [, not, wildcard, name = "", port] =
        /^(not )?(\*\.)?([^:]+)(?::(\d+))?$/.exec(entry) ?? [];
      const negated = not !== undefined;
      const below = wildcard !== undefined;
      const text = entry.replace(/^not /, "");
      return { negated, below, name, text, ...(port ? { port: Number(port) } : {}) };
    }),
    addresses: addresses.map((text) => {
      const [, not, network = "", port] = /^(not )?([^:]+)(?::(\d+))?$/.exec(text) ?? [];
      return {
        negated: not !== undefined,
        ...(network === "*" ? {} : { network }),
        ...(port === undefined ? {} : { port: Number(port) }),
      };
    }),
  };
}

export interface TestProxy {
  readonly port: number;
  readonly seen: readonly NamedConnection[];
  readonly refused: () => number;
}

export async function startProxy(
  t: TestContext,
  lists: readonly ConnectList[],
  known: KnownHosts = {},
  limits: Partial<ProxyLimits> = {},
): Promise<TestProxy> {
  const seen: NamedConnection[] = [];
  let refused = 0;
  const data = { lists, known, password: PASSWORD, limits: { ...LIMITS, ...limits } };
  const proxy = await serveProxy(data, {
    connection: (connection) => seen.push(connection),
    refused: (count) => {
      refused += count;
    },
  });
  t.after(() => proxy.close());
  return { port: proxy.port, seen, refused: () => refused };
}

async function listening(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Returns its port. */
export function startHttp(t: TestContext, answer: RequestListener): Promise<number> {
  return listening(t, createHttp(answer));
}

/** Sends back what it gets; `served` is called for each connection. */
export function startEcho(t: TestContext, served: () => void = () => {}): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    served();
    sockets.add(socket);
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  return listening(t, server);
}

/** Sends bytes as they are and resolves to all that comes back until the other side ends, or `until` is in it. */
export async function exchange(
  port: number,
  bytes: string | Uint8Array,
  until?: string,
): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  try {
    socket.write(bytes);
    let text = "";
    socket.setEncoding("latin1");
    for await (const piece of socket) {
      text += piece;
      if (until !== undefined && text.includes(until)) break;
    }
    return text;
  } finally {
    socket.destroy();
  }
}
