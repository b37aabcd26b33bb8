/**
 * The proxy as HTTP has it: CONNECT, and requests with whole URLs. Node takes requests apart strictly and they are written again, each
 * on a connection of its own, so both sides agree where a request ends.
 */
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ProxyData } from "./contract.ts";
import { isAuthorized } from "./credential.ts";
import type { Dialled, Dialler } from "./dial.ts";
import { authorityOf, httpTargetOf, type ProxyTarget, targetOf } from "./target.ts";
import { endWith, tunnel } from "./tunnel.ts";

const HTTP_PORT = 80;
const KEEP_ALIVE_MS = 30_000;
/** About one connection only, and so not passed on. */
const HOP_BY_HOP = new Set([
  "connection",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const PRINTABLE = /^[\t -~]*$/;

interface Timing {
  /** A request is there: it may take its time. */
  begun(socket: Socket): void;
  /** It was answered, and another one may come. */
  answered(socket: Socket): void;
}

/** Gets connections by its event `connection`; does not listen itself. */
export function httpProxy(
  { password, limits }: ProxyData,
  dialler: Dialler,
  timing: Timing,
): Server {
  const server = createServer({
    maxHeaderSize: limits.headBytes,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Host is written again
    requireHostHeader: false,
  });
  server.on("connect", (message: IncomingMessage, stream: Duplex, head: Buffer) => {
    const socket = stream as Socket;
    timing.begun(socket);
    void answerConnect(message, socket, head);
  });
  server.on("request", (message, response) => {
    timing.begun(message.socket);
    response.on("finish", () => timing.answered(message.socket));
    void answerRequest(message, response);
  });
  server.on("clientError", (_, socket) => {
    if (socket.writable) endWith(socket as Socket, statusText(400));
    else socket.destroy();
  });

  async function answerConnect(
    { headers, url = "" }: IncomingMessage,
    socket: Socket,
    head: Buffer,
  ): Promise<void> {
    if (!isAuthorized(headers["proxy-authorization"], password)) {
      endWith(socket, statusText(407));
      return;
    }
    const target = targetOf(url);
    if (target === undefined) {
      dialler.malformed(url, "CONNECT", socket);
      endWith(socket, statusText(400));
      return;
    }
    const dialled = await dialler.dial(target, "CONNECT", socket);
    if (!dialled.ok) endWith(socket, refusal(target, dialled));
    else if (socket.destroyed) dialled.socket.destroy();
    else {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      dialled.socket.write(head);
      tunnel(socket, dialled.socket);
    }
  }

  async function answerRequest(message: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isAuthorized(message.headers["proxy-authorization"], password)) {
      refuse(message, response, 407);
      return;
    }
    const wanted = httpTargetOf(message.url ?? "");
    if (wanted === undefined) {
      dialler.malformed(message.url ?? "", "HTTP", message.socket);
      refuse(message, response, 400);
      return;
    }
    const { target, path } = wanted;
    const dialled = await dialler.dial(target, "HTTP", message.socket);
    if (!dialled.ok) {
      refuse(message, response, dialled.why === "denied" ? 403 : 502, reasonText(target, dialled));
      return;
    }
    if (message.socket.destroyed) dialled.socket.destroy();
    else passOn(message, response, { socket: dialled.socket, target, path });
  }

  return server;
}

interface Onward {
  readonly socket: Socket;
  readonly target: ProxyTarget;
  readonly path: string;
}

function passOn(
  message: IncomingMessage,
  response: ServerResponse,
  { socket, target, path }: Onward,
): void {
  const headers = ["Host", authorityOf(target, HTTP_PORT), "Connection", "close"];
  headers.push(...endToEnd(message));
  const hasBody =
    message.headers["content-length"] !== undefined ||
    message.headers["transfer-encoding"] !== undefined;
  if (message.headers["transfer-encoding"] !== undefined)
    headers.push("Transfer-Encoding", "chunked");
  const onward = request({
    createConnection: () => socket,
    method: message.method,
    path,
    headers,
    setHost: false,
  });
  const fail = (): void => {
    socket.destroy();
    if (response.headersSent) response.destroy();
    else refuse(message, response, 502);
  };
  onward.on("error", fail);
  onward.on("upgrade", fail);
  onward.on("response", (answer) => {
    answer.on("error", fail);
    const { statusCode = 502, statusMessage = "" } = answer;
    try {
      response.writeHead(
        statusCode,
        PRINTABLE.test(statusMessage) ? statusMessage : "",
        endToEnd(answer),
      );
    } catch {
      fail();
      return;
    }
    answer.pipe(response);
  });
  response.on("close", () => socket.destroy());
  if (hasBody) message.pipe(onward);
  else onward.end();
}

/** Headers that are for the other end, as they came: names and values in turn. */
function endToEnd({ rawHeaders, headers }: IncomingMessage): string[] {
  const named = (headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase());
  const kept: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name = "", value = ""] = rawHeaders.slice(i, i + 2);
    const key = name.toLowerCase();
    // of no request may it be taken away that it has a body
    if (HOP_BY_HOP.has(key) || (named.includes(key) && key !== "content-length")) continue;
    kept.push(name, value);
  }
  return kept;
}

function refuse(
  message: IncomingMessage,
  response: ServerResponse,
  status: keyof typeof STATUS,
  text = "",
): void {
  // what it still sends is nobody's
  message.resume();
  response.writeHead(status, STATUS[status], {
    "content-type": "text/plain",
    connection: "close",
    ...(status === 407 ? { "proxy-authenticate": CHALLENGE } : {}),
  });
  response.end(text);
}

type Refused = Extract<Dialled, { ok: false }>;

const STATUS = {
  400: "Bad Request",
  403: "Forbidden",
  407: "Proxy Authentication Required",
  502: "Bad Gateway",
} as const;
const CHALLENGE = 'Basic realm="sct"';

const reasonText = (target: ProxyTarget, { why, reason }: Refused): string =>
  `sct: ${authorityOf(target)}: ${why}: ${reason}\n`;

function statusText(status: keyof typeof STATUS, text = ""): string {
  const challenge = status === 407 ? `Proxy-Authenticate: ${CHALLENGE}\r\n` : "";
  const length = Buffer.byteLength(text);
  return `HTTP/1.1 ${status} ${STATUS[status]}\r\n${challenge}Content-Type: text/plain\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${text}`;
}

function refusal(target: ProxyTarget, refused: Refused): string {
  return statusText(refused.why === "denied" ? 403 : 502, reasonText(target, refused));
}
