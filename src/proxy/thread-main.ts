/** The thread of the proxy: calls of the command are decided in another one, which must not wait for connections. */
import { parentPort, workerData } from "node:worker_threads";
import type { ProxyData, ProxyMessage } from "./contract.ts";
import { serveProxy } from "./server.ts";

const send = (message: ProxyMessage): void => parentPort?.postMessage(message);

async function serve(): Promise<void> {
  const proxy = await serveProxy(workerData as ProxyData, {
    connection: (connection) => send({ kind: "connection", connection }),
    refused: (count) => send({ kind: "refused", count }),
  });
  parentPort?.once("message", () => {
    proxy.close();
    send({ kind: "ended" });
  });
  send({ kind: "listening", port: proxy.port });
}

void serve();
