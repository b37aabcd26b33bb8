/** What `sct watch` does. */
import {
  chooseSeed,
  DEFAULT_RING_BYTES,
  type KernelEngineOptions,
} from "../../engines/kernel/index.ts";
import { type CheckedRule, logs } from "../../language/index.ts";
import { compactHeap } from "../../sys/index.ts";
import type { CommandArguments } from "../command.ts";
import { InputError, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { printNotice } from "../notice.ts";
import { OutputBuffer } from "../output-buffer.ts";
import { plural } from "../plural.ts";
import { parseDurationMs, parseSizeBytes } from "../quantity.ts";
import { loadRules, printDiagnostics } from "../rules.ts";
import { seedOf } from "../seed.ts";
import { shortRules } from "../short-rules.ts";
import { leftStopped } from "./left-stopped.ts";
import { openAsRoot } from "./open-as-root.ts";
import { summarize } from "./summary.ts";
import { Watcher, type WatcherOptions } from "./watcher.ts";

/** How long a reader may take for the last lines before we say that we wait for it. */
const PATIENCE_MS = 1000;

export async function runWatch(args: CommandArguments): Promise<ExitCode> {
  const duration = args.last("for");
  const size = args.last("buffer");
  const options = {
    isJson: args.has("json"),
    durationMs: duration === undefined ? undefined : parseDurationMs(duration, "--for"),
  };
  const latency = args.last("latency");
  const latencyMs = latency === undefined ? undefined : parseDurationMs(latency, "--latency");
  const ringBytes = size === undefined ? DEFAULT_RING_BYTES : parseRingBytes(size);
  const ruleSet = loadRules(
    args,
    printDiagnostics,
    shortRules(args.operands, "rule files go behind -f"),
  );
  if (ruleSet === undefined) return ExitCode.found;
  const { rules } = ruleSet;
  if (rules.length === 0) throw new InputError("there is no rule to watch for");

  const { seed } = chooseSeed(rules, seedOf(args));
  const engine = { ringBytes, latencyMs, seed, reportsCaller: options.isJson };
  return watchRules(rules, { ...options, verb: "watching" }, engine);
}

interface WatchOptions extends WatcherOptions {
  /** What is said to be done with the rules. */
  readonly verb: string;
}

/** Until it is stopped. Prints the lines, and at the end what was counted and what was lost. */
export async function watchRules(
  rules: readonly CheckedRule[],
  options: WatchOptions,
  engineOptions: KernelEngineOptions,
): Promise<ExitCode> {
  // the trees of thousands of rules are garbage now, and the thread that loads them takes as much again
  compactHeap();
  const opened = await openAsRoot(rules, engineOptions);
  if (!opened.ok) {
    printDiagnostics(opened.diagnostics);
    return ExitCode.found;
  }
  const { engine } = opened;
  const output = new OutputBuffer(1);
  const watcher = new Watcher(engine, output, options);
  let stopped: string | undefined;
  try {
    for (const notice of engine.notices) printNotice("sct", notice);
    printNotice("sct", `${options.verb} ${plural(rules.length, "rule")}`);
    await watcher.run();
    stopped = leftStopped(rules);
  } finally {
    watcher.close();
  }
  // before anything that can wait
  if (stopped !== undefined) printNotice("sct", stopped);
  await drain(output);
  output.close();
  const { error } = output;
  // the reader had enough: what it did not want is no loss
  if (error?.code === "EPIPE") return ExitCode.good;
  const withoutLines = options.isJson ? [] : rules.filter((rule) => !logs(rule));
  const names = new Set(withoutLines.map(({ name }) => name));
  for (const line of summarize(watcher.finalCounters, watcher.unexplainedLosses, names))
    printNotice("sct", line);
  const { unwrittenBytes } = output;
  if (unwrittenBytes > 0) printNotice("sct", `${unwrittenBytes} bytes of lines were not written`);
  if (error === undefined) return ExitCode.good;
  printNotice("sct", `cannot write to standard output: ${error.message}`);
  return ExitCode.machine;
}

/** Nothing is given up before somebody asks for it; but the user who waits must know the reason. */
async function drain(output: OutputBuffer): Promise<void> {
  const timer = setTimeout(
    () => printNotice("sct", "waiting for the reader of standard output; Ctrl-C gives it up"),
    PATIENCE_MS,
  );
  await output.drain();
  clearTimeout(timer);
}

/** The kernel takes powers of two of whole pages. */
function parseRingBytes(text: string): number {
  const bytes = parseSizeBytes(text, "--buffer");
  const isPowerOfTwo = Number.isInteger(Math.log2(bytes));
  if (bytes < 4096 || bytes > 2 ** 31 || !isPowerOfTwo) {
    throw new UsageError(`--buffer takes a power of two from 4K to 2G: '${text}'`);
  }
  return bytes;
}
