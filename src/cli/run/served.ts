/** `sct run` for the library: rules and command come in a request, events and the result go out as lines. */
import { Socket } from "node:net";
import { bootOffsetNs, eventNames } from "../../engines/context/index.ts";
import { ENGINES } from "../../engines/engines.ts";
import { environmentValue, type Finished, findProgram } from "../../engines/supervised/index.ts";
import { JsonFormatter, WallClock } from "../../events/index.ts";
import {
  LINES_FD,
  REQUEST_FD,
  type Reply,
  RequestReader,
  type RunRequest,
} from "../../library/protocol.ts";
import { errnoName, kill, native } from "../../sys/index.ts";
import { isMachineFailure } from "../errors.ts";
import { ByName } from "./by-name.ts";
import { usePlainStreams } from "./plain-streams.ts";
import { ServedReasons } from "./served-reasons.ts";
import { isOfReport } from "./session-rules.ts";
import { LineStream } from "./stream.ts";

const FAILED = 125;

usePlainStreams();
const stream = new LineStream(LINES_FD);
/** Sends a signal to the command; undefined: it has not begun. */
let send: ((signal: number) => void) | undefined;
/** Came before the command had begun. */
const early: number[] = [];

// the terminal sends these to the command as well
for (const signal of ["SIGINT", "SIGQUIT", "SIGHUP"] as const) process.on(signal, () => {});
const requests = new Socket({ fd: REQUEST_FD, readable: true });
const reader = new RequestReader<RunRequest>();
let isServing = false;
requests.on("data", (piece) => {
  const received = isServing ? { request: undefined, rest: piece } : reader.add(piece);
  if (received?.request !== undefined) {
    isServing = true;
    void serve(received.request);
  }
  for (const signal of received?.rest ?? []) signalCommand(signal);
});
// the process that asked for the command is gone: the command is killed
requests.on("close", () => native().exitNow(FAILED));
requests.on("error", () => native().exitNow(FAILED));

async function serve(wanted: RunRequest): Promise<void> {
  try {
    reply(await supervise(wanted));
  } catch (error) {
    const hint = isMachineFailure(error) ? error.hint : undefined;
    const code = isMachineFailure(error) ? error.code : "bug";
    const message = error instanceof Error ? (code === "bug" ? error.stack : error.message) : error;
    const failed = { sct: "failed", code, message: String(message) } as const;
    reply(hint === undefined ? failed : { ...failed, hint });
  }
  await stream.close();
  native().exitNow(0);
}

async function supervise(request: RunRequest): Promise<Reply> {
  const { rules, argv, environment, sendsEvents } = request;
  const reasons = new ServedReasons(request);
  const env = environment.map((entry) => Buffer.from(entry));
  const [name = ""] = argv;
  const found = findProgram(Buffer.from(name), environmentValue(env, "PATH"));
  if (found.kind !== "found")
    return cannotRun(name, found.kind === "not found" ? "ENOENT" : "EACCES");
  const report = (text: string): void => reply({ sct: "notice", text });
  const byName = await ByName.open({
    rules,
    environment: env,
    known: request.hosts,
    onConnection(connection) {
      reasons.connection(connection);
      reply({ sct: "connection", connection });
    },
    report,
  });
  const opened = await ENGINES.supervised.open({
    rules: reasons.rules,
    isSilent: isOfReport,
    proxyPort: byName.port,
    // the counters that the caller gets are of all calls
    reportsAll: true,
    ask: undefined,
    report,
  });
  if (!opened.ok) throw new Error("rules that were accepted are refused");
  const { engine } = opened;
  const context = { clock: new WallClock(bootOffsetNs()), names: eventNames(), generation: 1 };
  const formatter = new JsonFormatter(engine.sites, context);
  const command = {
    program: found.path,
    argv: argv.map((word) => Buffer.from(word)),
    environment: byName.environment,
  };
  await reasons.open(engine);
  const sink = {
    record(memory: Uint8Array, offset: number, length: number): void {
      if (reasons.takes(memory, offset, length) || !sendsEvents) return;
      formatter.format(memory, offset, length, stream.text);
      stream.added();
    },
  };
  void engine.events(sink, Number.POSITIVE_INFINITY);
  const running = engine.run(command);
  const left = Promise.withResolvers<Finished>();
  send = (signal) => {
    const { rootPid, rootEnding } = engine;
    // what the command has left behind ends with us
    if (rootEnding !== undefined) left.resolve({ ending: rootEnding, execErrno: undefined });
    else if (rootPid !== undefined) kill(rootPid, signal);
  };
  for (const signal of early.splice(0)) send(signal);
  const finished = await Promise.race([running, left.promise]);
  await byName.close();
  if (finished.execErrno !== undefined) return cannotRun(name, errnoName(finished.execErrno));
  const { ending } = finished;
  const counters = reasons.counters(engine);
  const policies = await reasons.end({ counters, finished, notify: report });
  return {
    sct: "finished",
    exitCode: ending.kind === "exit" ? ending.code : null,
    signal: ending.kind === "signal" ? ending.signal : null,
    counters,
    policies,
  };
}

function cannotRun(name: string, code: string): Reply {
  return { sct: "failed", code, message: `Cannot run '${name}': ${code}` };
}

function reply(line: Reply): void {
  stream.text.string(`${JSON.stringify(line)}\n`);
  stream.added();
}

function signalCommand(signal: number): void {
  if (send === undefined) early.push(signal);
  else send(signal);
}
