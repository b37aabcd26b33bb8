/** Receivers of outputs that take nothing, each in a way of its own. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface FaultyReceivers {
  /** Sections of the service's configuration, one for each. */
  readonly configuration: string;
  readonly count: number;
  close(): void;
}

/** Takes messages into a buffer that it never empties. */
const DEAF_SOCKET = `
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("ready", flush=True)
time.sleep(3600)`;

/** Eight: refused, deaf and full ones. Needs root, for a file system of its own that is full. */
export async function openFaultyReceivers(): Promise<FaultyReceivers> {
  const directory = mkdtempSync(join(tmpdir(), "sct-faulty-"));
  const sockets = new Set<Socket>();
  const refused = await closedPort();
  const deaf = await listen(createServer({ pauseOnConnect: true }));
  const failing = await listen(
    createHttp((request, response) => {
      request.resume();
      request.on("end", () => response.writeHead(500).end());
    }),
  );
  const silent = await listen(createHttp((request) => request.resume()));
  for (const server of [deaf, failing, silent])
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
    });
  const socket = join(directory, "deaf.sock");
  const child = spawn("python3", ["-c", DEAF_SOCKET, socket], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const full = join(directory, "full");
  mkdirSync(full);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", full]);
  const outputs = [
    { type: "syslog", transport: "tcp", address: `127.0.0.1:${refused}` },
    { type: "syslog", transport: "tcp", address: `127.0.0.1:${portOf(deaf)}` },
    { type: "syslog", transport: "udp", address: `127.0.0.1:${refused}` },
    { type: "syslog", transport: "unix", path: socket },
    { type: "webhook", url: `http://127.0.0.1:${portOf(failing)}/` },
    { type: "webhook", url: `http://127.0.0.1:${portOf(silent)}/` },
    { type: "otlp", url: `http://127.0.0.1:${refused}/` },
    { type: "file", format: "json", path: join(full, "events.json"), max_size: 0 },
  ];
  return {
    count: outputs.length,
    configuration: outputs.map((keys, i) => section({ name: `faulty-${i + 1}`, ...keys })).join(""),
    close() {
      for (const server of [deaf, failing, silent]) server.close();
      for (const socket of sockets) socket.destroy();
      child.kill();
      execFileSync("umount", ["--lazy", full]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** `[[outputs]]` with these keys. */
export function section(keys: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
  return `[[outputs]]\n${lines.join("")}`;
}

async function closedPort(): Promise<number> {
  const server = await listen(createServer());
  const port = portOf(server);
  server.close();
  return port;
}

function listen<T extends Server>(server: T): Promise<T> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
