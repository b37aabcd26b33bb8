/** Starts the service in the background and waits for its report. */
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { MachineError } from "../sys/index.ts";
import { READY_VARIABLE, type StartReport } from "./notify.ts";
import { type Paths, STATE_DIR_VARIABLE } from "./paths.ts";
import { makeRunDirectory, needing } from "./run-files/run-directory.ts";
import { openLog } from "./run-files/service-log.ts";

/** Lines of its log that are shown of a service that ended without a word. */
const SHOWN_LINES = 20;
const READY_FD = 3;
/** Of Node, as in bin/syscalltrackd: garbage is collected sooner, which saves ten megabytes in a process that stays. */
const SMALL_HEAP = "--max-semi-space-size=2";
/** Of the C library, as in bin/syscalltrackd: pieces of events are given back to the system when they are done with. */
const SMALL_MEMORY = { MALLOC_MMAP_THRESHOLD_: "65536", MALLOC_ARENA_MAX: "2" };

export class StartError extends MachineError {
  readonly code = "start";

  constructor(cause: Error) {
    super(`Cannot start the service: ${cause.message}`, undefined, cause);
  }
}

/** It said nothing. */
export interface EarlyEnd {
  /** Undefined: a signal. */
  readonly exitStatus: number | undefined;
  readonly lines: readonly string[];
}

/** `argv`: the program and what makes it the service. Throws StartError, RunDirectoryError. */
export async function startService(
  argv: readonly string[],
  paths: Paths,
): Promise<StartReport | EarlyEnd> {
  makeRunDirectory(paths);
  const log = needing(`open ${paths.serviceLog}`, () => openLog(paths));
  const output = log.fd ?? "ignore";
  const { movedTo } = paths;
  const child = spawn(process.execPath, [SMALL_HEAP, ...process.execArgv, ...argv], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", output, output, "pipe"],
    env: {
      ...SMALL_MEMORY,
      ...process.env,
      [READY_VARIABLE]: String(READY_FD),
      ...(movedTo === undefined ? {} : { [STATE_DIR_VARIABLE]: movedTo }),
    },
  });
  log.close();
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.once("exit", (code) => resolve(code ?? undefined));
    child.once("error", (error) => reject(new StartError(error)));
  });
  ended.catch(() => {});
  const text = await readAll(child.stdio[READY_FD] as Readable);
  child.unref();
  if (text !== "") return JSON.parse(text) as StartReport;
  const exitStatus = await ended;
  const lines = log.read().trimEnd().split("\n").slice(-SHOWN_LINES);
  return { exitStatus, lines: ["the service ended before it was ready", ...lines] };
}

/** The service closes the pipe behind its report, or by ending. */
async function readAll(pipe: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of pipe) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
