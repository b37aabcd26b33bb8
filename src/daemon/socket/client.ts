/** The other end of the control socket, for commands. */
import { readdirSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { MachineError } from "../../sys/index.ts";
import type { Paths } from "../paths.ts";
import {
  type Answers,
  type ErrorAnswer,
  type Operation,
  PROTOCOL_VERSION,
  READING_OPERATIONS,
  type Request,
} from "./protocol.ts";
import { checkSocketPath, SocketPathError } from "./socket-path.ts";

/** There is nobody at the socket. */
export class NotLoadedError extends MachineError {
  readonly code = "not_loaded";

  constructor({ pinDir }: Pick<Paths, "pinDir">, cause: unknown) {
    const areLeft = hasRules(pinDir);
    const isTooLong = cause instanceof SocketPathError;
    const state = [isTooLong ? TOO_LONG : "", areLeft ? LEFT : ""].join("");
    const [start, takeOver] = isTooLong ? [cause.hint, ""] : [START, TAKE_OVER];
    super(`the service is not running${state}`, areLeft ? `${takeOver}${TAKE_AWAY}` : start, cause);
  }
}

const TOO_LONG = ": the path of its socket would be too long";
const LEFT = ", and the rules that it has loaded keep acting";
const START = "Start it with 'sct load'";
const TAKE_OVER = "'sct load' starts it and takes them over, ";
const TAKE_AWAY = "'sct unload' takes them away";

/** Whether rules are pinned that act without a service. */
function hasRules(pinDir: string): boolean {
  try {
    const names = readdirSync(pinDir, { recursive: true, encoding: "utf8" });
    return names.some((name) => /^(earlier\/)?generation-\d+\/link-/.test(name));
  } catch {
    return false;
  }
}

export class ServiceRefusedError extends MachineError {
  readonly code: string;

  constructor(code: string, message: string, hint?: string, cause?: unknown) {
    super(message, hint, cause);
    this.code = code;
  }
}

export class SilentError extends ServiceRefusedError {
  constructor() {
    super(
      "silent",
      "the service does not answer",
      "It is stopped or very busy; rules keep acting. A change that it has begun may still be made: see 'sct status'",
    );
  }
}

type RequestOf<O extends Operation> = Omit<Extract<Request, { op: O }>, "v" | "op">;

/** It ended while we asked. */
export const GONE = "gone";

/** Asks the service; throws NotLoadedError where there is none, ServiceRefusedError `GONE` where it ends meanwhile. */
export async function ask<O extends Operation>(
  paths: Paths,
  op: O,
  fields: RequestOf<O>,
): Promise<Answers[O] | ErrorAnswer> {
  const socket = await connect(paths, op);
  const { measureMs = 0 } = fields as { readonly measureMs?: number };
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    timer = setTimeout(() => void giveUp(), patienceMs(op) + measureMs);
  };
  const giveUp = async (): Promise<void> => {
    if (!socket.destroyed && isPatient(op) && (await isAtWork(paths))) wait();
    else socket.destroy(new SilentError());
  };
  wait();
  try {
    socket.write(`${JSON.stringify({ v: PROTOCOL_VERSION, op, ...fields })}\n`);
    return JSON.parse(await readLine(socket)) as Answers[O] | ErrorAnswer;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** Variable with the seconds that a command waits for an answer. */
const PATIENCE_VARIABLE = "SCT_TIMEOUT";
const PATIENCE_MS = 30_000;
/** Room for a measurement behind it: setTimeout counts to 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 0x3fffffff;
/** The kernel may take long over the programs of many rules. */
const CHANGE_PATIENCE_MS = 120_000;

/** Whether a command waits for as long as the service says that it is at work; not where its user has said how long. */
function isPatient(op: Operation): boolean {
  return process.env[PATIENCE_VARIABLE] === undefined && isChange(op);
}

async function isAtWork(paths: Paths): Promise<boolean> {
  try {
    const status = await ask(paths, "status", { counts: false });
    return status.ok && (status.loading !== null || status.isStarting);
  } catch {
    return false;
  }
}

/** A confirmation waits for the change before it. */
function isChange(op: Operation): boolean {
  return ["upload", "replace", "delete", "confirm", "unload"].includes(op);
}

/** How long a command waits for an answer. */
export function patienceMs(op: Operation): number {
  const seconds = Number(process.env[PATIENCE_VARIABLE] ?? "");
  if (seconds > 0) return Math.min(seconds * 1000, LONGEST_TIMER_MS);
  return isChange(op) ? CHANGE_PATIENCE_MS : PATIENCE_MS;
}

/** A user who may not use the control socket may be in the group that may read. */
async function connect(paths: Paths, op: Operation): Promise<Socket> {
  try {
    return await connectTo(paths, paths.socket);
  } catch (error) {
    const isRefused = error instanceof ServiceRefusedError && error.code === "privilege";
    if (!isRefused || !READING_OPERATIONS.has(op)) throw error;
    return connectTo(paths, paths.readSocket).catch(() => {
      throw error;
    });
  }
}

function connectTo(paths: Paths, path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    try {
      checkSocketPath(path);
    } catch (error) {
      throw new NotLoadedError(paths, error);
    }
    const socket = createConnection(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const { code } = error;
      if (code === "ENOENT" || code === "ECONNREFUSED") reject(new NotLoadedError(paths, error));
      else if (code === "EACCES" || code === "EPERM") {
        reject(new ServiceRefusedError("privilege", "this needs root", "Run it with sudo", error));
      } else
        reject(
          new ServiceRefusedError("control", `cannot reach the service: ${code}`, undefined, error),
        );
    });
  });
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    socket.on("data", (data: Buffer) => {
      chunks.push(data);
      if (data.includes(10)) resolve(Buffer.concat(chunks).toString("utf8"));
    });
    // a write may fail because we were refused: the answer says why
    socket.on("error", (error) => {
      if (error instanceof SilentError) reject(error);
    });
    socket.on("close", () => {
      reject(new ServiceRefusedError(GONE, "the service went away without an answer"));
    });
  });
}
