// The host's ends of the guest's ports: Unix sockets that QEMU connects to.

import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { PORTS } from "./qemu.ts";

export interface PortHandlers {
  readonly out: Writable;
  readonly err: Writable;
  readonly in: Readable | undefined;
  /** A line of the status port. */
  readonly status: (line: string) => void;
  /** Output came in. */
  readonly progress: () => void;
}

export class Ports {
  readonly received = { out: 0, err: 0 };
  readonly #handlers: PortHandlers;
  readonly #servers: Server[] = [];
  readonly #sockets: Socket[] = [];

  constructor(handlers: PortHandlers) {
    this.#handlers = handlers;
  }

  async listen(folder: string): Promise<void> {
    const connected: Record<keyof typeof PORTS, (socket: Socket) => void> = {
      out: (socket) => this.#forward(socket, "out"),
      err: (socket) => this.#forward(socket, "err"),
      status: (socket) => this.#readStatus(socket),
      in: (socket) => this.#feed(socket),
    };
    for (const [name, onConnection] of Object.entries(connected)) {
      // Half-open: our end of input must not look like a hang-up to QEMU, which would drop what it holds.
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        this.#sockets.push(socket);
        // A reset is how a killed QEMU leaves; that the guest ended is seen by its process.
        socket.on("error", () => {});
        onConnection(socket);
      });
      await new Promise<void>((done, fail) => {
        server.once("error", fail).listen(join(folder, `${name}.sock`), done);
      });
      this.#servers.push(server);
    }
  }

  close(): void {
    this.#handlers.in?.unpipe();
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
  }

  #forward(socket: Socket, name: "out" | "err"): void {
    const target = this.#handlers[name];
    socket.on("data", (chunk) => {
      this.received[name] += chunk.length;
      if (!target.write(chunk)) {
        socket.pause();
        target.once("drain", () => socket.resume());
      }
      this.#handlers.progress();
    });
  }

  #readStatus(socket: Socket): void {
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      const lines = (text + chunk).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) this.#handlers.status(line);
    });
  }

  #feed(socket: Socket): void {
    if (this.#handlers.in) this.#handlers.in.pipe(socket);
    else socket.end();
    socket.resume();
  }
}
