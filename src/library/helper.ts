/** A process that works for the library, and the lines that it says. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Duplex, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { SctEvent } from "../events/index.ts";
import { MachineError } from "../sys/index.ts";
import { LINES_FD, REQUEST_FD, type Reply } from "./protocol.ts";

const [EXTENSION] = /\.[jt]s$/.exec(import.meta.url) ?? [".js"];
/** Of the host's own Node: would change how ours starts. */
const NOT_PASSED_ON = [
  "NODE_OPTIONS",
  "NODE_CHANNEL_FD",
  "NODE_V8_COVERAGE",
  "NODE_TEST_CONTEXT",
  "SCT_DESCRIPTORS",
];

/** Something that a process of ours was refused by the machine; `code` and `hint` as for every MachineError. */
export class HelperError extends MachineError {
  readonly code: string;

  /** @internal */
  constructor({ code, message, hint }: Extract<Reply, { sct: "failed" }>) {
    super(message, hint);
    this.code = code;
  }
}

export interface HelperOptions {
  readonly stdio: readonly ["inherit" | "pipe" | "ignore", ...("inherit" | "pipe" | "ignore")[]];
  readonly cwd?: string | undefined;
}

export interface Helper {
  readonly process: ChildProcess;
  readonly requests: Duplex;
  /** Events and replies, in order; ends with the process. */
  readonly lines: AsyncIterable<SctEvent | Reply>;
}

/** `script`: path below src without its extension. */
export function startHelper(script: string, { stdio, cwd }: HelperOptions): Helper {
  const path = fileURLToPath(new URL(`../${script}${EXTENSION}`, import.meta.url));
  const env = { ...process.env };
  for (const name of NOT_PASSED_ON) delete env[name];
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", path], {
    stdio: [...stdio, "pipe", "pipe"] as StdioOptions,
    env,
    ...(cwd === undefined ? {} : { cwd }),
  });
  const requests = child.stdio[REQUEST_FD] as Duplex;
  // its end reports that it is gone
  requests.on("error", () => {});
  return { process: child, requests, lines: parseLines(child.stdio[LINES_FD] as Readable) };
}

async function* parseLines(stream: Readable): AsyncGenerator<SctEvent | Reply> {
  for await (const line of createInterface(stream)) yield JSON.parse(line) as SctEvent | Reply;
}

export function isReply(line: SctEvent | Reply): line is Reply {
  return "sct" in line;
}
