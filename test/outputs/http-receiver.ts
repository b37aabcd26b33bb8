/** An HTTP server that keeps what it was sent and answers as the test says. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface Post {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export class HttpReceiver {
  /** Posts that were answered with 200. */
  readonly accepted: Post[] = [];
  requests = 0;
  /** The status of the answer; undefined: the connection is cut; 0: there is no answer. */
  answer: (post: Post) => number | undefined = () => 200;
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(t: TestContext): Promise<HttpReceiver> {
    const server = createServer();
    const receiver = new HttpReceiver(server);
    server.on("request", (request, response) => void receiver.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString("utf8");
    const post = { path: request.url ?? "", headers: request.headers, body };
    const status = this.answer(post);
    if (status === undefined) request.socket.destroy();
    else if (status > 0) {
      if (status === 200) this.accepted.push(post);
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    }
  }
}
