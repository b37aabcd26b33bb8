/** What `sct top` does. */

import { setImmediate as nextTurn } from "node:timers/promises";
import { toJson } from "../../base/escape.ts";
import { NotLoadedError } from "../../daemon/socket/client.ts";
import {
  type Frame,
  type Order,
  reorder,
  type TopCounters,
  TopModel,
  type TopSource,
} from "../../views/index.ts";
import type { CommandArguments } from "../command.ts";
import { InputError, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { printNotice } from "../notice.ts";
import { parseDurationMs } from "../quantity.ts";
import { loadRules, printDiagnostics } from "../rules.ts";
import { findInstance } from "../service/instance.ts";
import { openAsRoot } from "../watch/open-as-root.ts";
import { engineSource } from "./engine-source.ts";
import { frameLines } from "./frame-lines.ts";
import { Screen } from "./screen.ts";
import { ServiceSource } from "./service-source.ts";

const DEFAULT_INTERVAL_MS = 1000;
const MIN_INTERVAL_MS = 100;
/** How late a key may be answered. */
const POLL_MS = 50;
const RING_BYTES = 16 * 1024 * 1024;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

interface Options {
  readonly intervalMs: number;
  readonly isOnce: boolean;
  readonly isJson: boolean;
}

export async function runTop(args: CommandArguments): Promise<ExitCode> {
  const [operand] = args.operands;
  if (operand !== undefined) {
    throw new UsageError(`unexpected argument '${operand}': rule files go behind -f`);
  }
  const interval = args.last("interval");
  const intervalMs =
    interval === undefined ? DEFAULT_INTERVAL_MS : parseDurationMs(interval, "--interval");
  if (intervalMs < MIN_INTERVAL_MS) throw new UsageError("--interval is 100ms at least");
  const source = await openSource(args);
  if (typeof source === "number") return source;
  const options = { intervalMs, isOnce: args.has("once"), isJson: args.has("json") };
  try {
    const top = new Top(source, await source.counters(), options);
    await top.run().finally(() => top.close());
  } finally {
    source.close();
  }
  return ExitCode.good;
}

/** Rules that are given are loaded; else the service's are shown. An exit code: there are none, and the reason was printed. */
async function openSource(args: CommandArguments): Promise<TopSource | ExitCode> {
  if (args.all("file").length + args.all("rule").length === 0) {
    try {
      return await ServiceSource.open(findInstance(args));
    } catch (error) {
      if (!(error instanceof NotLoadedError)) throw error;
      printNotice(
        "sct top",
        "no service runs: give rules with -f or -e, or start it with 'sct load'",
      );
      return ExitCode.machine;
    }
  }
  const ruleSet = loadRules(args);
  if (ruleSet === undefined) return ExitCode.found;
  if (ruleSet.rules.length === 0) throw new InputError("there is no rule to watch for");
  const opened = await openAsRoot(ruleSet.rules, { ringBytes: RING_BYTES, reportsCaller: true });
  if (opened.ok) return engineSource(opened.engine, ruleSet.rules);
  printDiagnostics(opened.diagnostics);
  return ExitCode.found;
}

class Top {
  readonly #source: TopSource;
  readonly #options: Options;
  readonly #model: TopModel;
  readonly #screen: Screen | undefined;
  #order: Order = "rate";
  #isPaused = false;
  #isStopping = false;
  #shown: Frame | undefined;
  readonly #stop = (): void => {
    this.#isStopping = true;
  };

  constructor(source: TopSource, counters: readonly TopCounters[], options: Options) {
    this.#source = source;
    this.#options = options;
    this.#model = new TopModel(counters, options.intervalMs);
    for (const signal of SIGNALS) process.on(signal, this.#stop);
    const isScreen = process.stdout.isTTY && process.env["TERM"] !== "dumb";
    if (isScreen && !options.isOnce && !options.isJson) {
      this.#screen = new Screen(
        (key) => this.#press(key),
        () => this.#draw(),
      );
      this.#shown = this.#model.take(counters, this.#order, false);
      this.#draw();
    }
  }

  async run(): Promise<void> {
    const { intervalMs, isOnce } = this.#options;
    let next = performance.now() + intervalMs;
    while (!this.#isStopping) {
      const now = performance.now();
      if (now >= next) {
        const counters = await this.#source.counters();
        // a pause stops the picture, not the counting
        if (!this.#isPaused) this.#shown = this.#model.take(counters, this.#order, false);
        this.#print();
        if (isOnce) return;
        next = now + intervalMs;
      }
      const timeoutMs = Math.min(POLL_MS, Math.max(0, next - performance.now()));
      await this.#source.poll(this.#model, timeoutMs);
      // keys and signals come only between turns of the event loop
      await nextTurn();
    }
  }

  close(): void {
    this.#screen?.close();
    for (const signal of SIGNALS) process.off(signal, this.#stop);
  }

  #press(key: string): void {
    if (key === "q" || key === "\x03") this.#stop();
    else if (key === " ") this.#isPaused = !this.#isPaused;
    else if (key === "s") this.#order = this.#order === "rate" ? "total" : "rate";
    else return;
    if (this.#shown === undefined) return;
    this.#shown = reorder({ ...this.#shown, isPaused: this.#isPaused, order: this.#order });
    this.#draw();
  }

  #print(): void {
    if (this.#screen !== undefined) this.#draw();
    else if (this.#shown !== undefined) {
      const text = this.#options.isJson
        ? toJson(this.#shown)
        : `${frameLines(this.#shown, Number.POSITIVE_INFINITY, PLAIN_ROWS, false).join("\n")}\n`;
      process.stdout.write(`${text}\n`);
    }
  }

  #draw(): void {
    const screen = this.#screen;
    const shown = this.#shown;
    if (screen === undefined || shown === undefined) return;
    screen.show(frameLines(shown, screen.columns, screen.rows));
  }
}

/** Rows of a frame that no window limits. */
const PLAIN_ROWS = 60;
