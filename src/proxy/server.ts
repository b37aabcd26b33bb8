/** The port of the proxy: HTTP and SOCKS5 on one, distinguished by their first byte. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { NamedConnection, ProxyData } from "./contract.ts";
import { Dialler } from "./dial.ts";
import { httpProxy } from "./http-proxy.ts";
import { serveSocks } from "./socks.ts";

const SOCKS5 = 5;
/** Refused connections are reported together. */
const REPORT_MS = 200;

export interface ProxyReports {
  connection(connection: NamedConnection): void;
  /** Connections closed because there were too many. */
  refused(count: number): void;
}

export interface ProxyServer {
  /** Of 127.0.0.1. */
  readonly port: number;
  close(): void;
}

/** Rejects where no port can be had. */
export async function serveProxy(data: ProxyData, reports: ProxyReports): Promise<ProxyServer> {
  const { limits, password } = data;
  const sockets = new Set<Socket>();
  const waits = new Map<Socket, NodeJS.Timeout>();
  const begun = (socket: Socket): void => {
    clearTimeout(waits.get(socket));
    waits.delete(socket);
  };
  const waitFor = (socket: Socket): void => {
    begun(socket);
    if (socket.destroyed) return;
    waits.set(
      socket,
      setTimeout(() => socket.destroy(), limits.requestMs),
    );
  };
  const dialler = new Dialler(data, (connection) => reports.connection(connection));
  const http = httpProxy(data, dialler, { begun, answered: waitFor });

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      begun(socket);
    });
    waitFor(socket);
    socket.once("readable", () => {
      const first: Buffer | null = socket.read(1);
      if (first === null) {
        socket.destroy();
        return;
      }
      socket.unshift(first);
      if (first[0] === SOCKS5)
        void serveSocks(socket, { password, dialler, begun: () => begun(socket) });
      else http.emit("connection", socket);
    });
  });
  server.maxConnections = limits.connections;
  let refused = 0;
  server.on("drop", () => {
    if (refused++ > 0) return;
    setTimeout(() => {
      reports.refused(refused);
      refused = 0;
    }, REPORT_MS);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host: "127.0.0.1", port: 0, backlog: 1024 }, resolve);
  await promise;
  server.off("error", reject);
  // the machine is out of descriptors: those that come are lost, not the proxy
  server.on("error", () => {});
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      http.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
