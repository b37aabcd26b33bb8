/** Records the calls of the process that started it, between the marks that this makes. */
import { Socket } from "node:net";
import type { Diagnostic } from "../base/diagnostic.ts";
import { bootOffsetNs, eventNames } from "../engines/context/index.ts";
import { ENGINES } from "../engines/engines.ts";
import { JsonFormatter, TextBuffer, WallClock } from "../events/index.ts";
import {
  type AttachRequest,
  LINES_FD,
  REQUEST_FD,
  type Reply,
  RequestReader,
} from "../library/protocol.ts";
import { MachineError } from "../sys/index.ts";

const lines = new Socket({ fd: LINES_FD, writable: true });
const requests = new Socket({ fd: REQUEST_FD, readable: true });
const reader = new RequestReader<AttachRequest>();
/** Only reported afterwards: code that reads lines makes calls. */
const text = new TextBuffer();
let count = 0;

requests.on("data", (piece) => {
  const received = reader.add(piece);
  if (received !== undefined) void record(received.request);
});
// the process that is recorded is gone, or has got all
requests.on("close", () => process.exit());
requests.on("error", () => process.exit());
lines.on("error", () => process.exit());

async function record({ rules, pid, token, mostEvents }: AttachRequest): Promise<void> {
  try {
    const opened = await ENGINES.attach.open({ rules, pid, token });
    if (!opened.ok) throw new RefusedError(opened.diagnostics);
    const { engine } = opened;
    const context = { clock: new WallClock(bootOffsetNs()), names: eventNames(), generation: 1 };
    const formatter = new JsonFormatter(engine.sites, context);
    const sink = {
      record(memory: Uint8Array, offset: number, length: number): void {
        if (++count <= mostEvents) formatter.format(memory, offset, length, text);
      },
    };
    const finished = engine.events(sink, Number.POSITIVE_INFINITY);
    // what fails before the end is thrown by attach
    finished.catch(() => {});
    await engine.attach();
    say({ sct: "attached" });
    await finished;
    lines.write(text.view());
    say({ sct: "finished", exitCode: null, signal: null, counters: engine.counters() });
  } catch (error) {
    const isRefusal = error instanceof MachineError;
    const message = error instanceof Error ? (isRefusal ? error.message : error.stack) : error;
    const failed = { sct: "failed", code: isRefusal ? error.code : "bug" } as const;
    const hint = isRefusal ? error.hint : undefined;
    say({ ...failed, message: String(message), ...(hint === undefined ? {} : { hint }) });
  }
  lines.end();
}

/** Rules that this engine does not take. */
class RefusedError extends MachineError {
  readonly code = "not_supported_by_engine";

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({ message }) => message).join("; "));
  }
}

function say(reply: Reply): void {
  lines.write(`${JSON.stringify(reply)}\n`);
}
