/** `/metrics` for Prometheus. Nothing else is answered, and a client that asks slowly or too much is cut off. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Endpoint } from "../config/endpoint.ts";
import { renderMetrics } from "./render.ts";
import type { MetricsSnapshot } from "./snapshot.ts";

const MAX_CONNECTIONS = 32;
const REQUEST_TIMEOUT_MS = 10_000;
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Made for each request. */
type Snapshot = () => MetricsSnapshot | Promise<MetricsSnapshot>;

export class MetricsServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Rejects when the address cannot be had: EADDRINUSE, EACCES. */
  static listen(endpoint: Endpoint, snapshot: Snapshot): Promise<MetricsServer> {
    const options = {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: 8192,
      connectionsCheckingInterval: 2000,
    };
    const server = createServer(
      options,
      (request, response) => void answer(request, response, snapshot),
    );
    server.maxConnections = MAX_CONNECTIONS;
    server.setTimeout(2 * REQUEST_TIMEOUT_MS);
    server.keepAliveTimeout = 60_000;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(endpoint.port, endpoint.host, () => {
        server.off("error", reject);
        // such as no descriptors left for another connection
        server.on("error", () => undefined);
        resolve(new MetricsServer(server));
      });
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  snapshot: Snapshot,
): Promise<void> {
  const path = request.url?.split("?")[0];
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD", connection: "close" }).end();
    return;
  }
  if (path !== "/metrics") {
    response.writeHead(404).end();
    return;
  }
  try {
    const pieces = inTurns(renderMetrics(await snapshot()));
    response.writeHead(200, { "content-type": CONTENT_TYPE });
    await pipeline(Readable.from(pieces), response);
  } catch (error) {
    // the client has gone while it was written to
    if (response.headersSent) return;
    // counters of the kernel may be gone while the service ends
    const problem = error instanceof Error ? error.message : String(error);
    response.writeHead(503).end(`${problem}\n`);
  }
}

/** A turn of the event loop for each piece: the service reads events meanwhile. */
async function* inTurns(pieces: Iterable<string>): AsyncGenerator<string> {
  for (const piece of pieces) {
    if (piece !== "") yield piece;
    await nextTurn();
  }
}
