/**
 * The supervised engine for programs. It runs in a process of its own: it must own the thread that traces, may not
 * be held up by other code of its process, waits for all children of it, and has to die with its command.
 */
import { constants } from "node:os";
import { resolve } from "node:path";
import type { EngineCounters } from "../engines/engine.ts";
import { type SctEvent, tooManyMacros } from "../events/index.ts";
import type { NamedConnection } from "../proxy/contract.ts";
import type { DeniedByPolicy } from "./denied.ts";
import { type Helper, HelperError, isReply, startHelper } from "./helper.ts";
import { type Reply, writeRequest } from "./protocol.ts";
import { checkedRules, type RuleSet, RulesError } from "./rule-set.ts";

/** Events that wait for their reader; with more the command waits. */
const MOST_WAITING = 4096;

export interface RunOptions {
  readonly cwd?: string;
  /** Environment of the command; default that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard streams of the command. `pipe` collects output in the result. Default `inherit`. */
  readonly stdio?: "inherit" | "pipe" | "ignore";
  /** Standard input of the command, in place of what `stdio` says. */
  readonly input?: string | Uint8Array;
  /** Sends SIGTERM to the command. */
  readonly signal?: AbortSignal;
  /** Called for each event, in order. */
  readonly onEvent?: (event: SctEvent) => void;
  /** Called with what sct would print on standard error, one line each. */
  readonly onNotice?: (line: string) => void;
  /** Called for each connection that the command has asked the proxy for, where a policy has names in `connect`. */
  readonly onConnection?: (connection: NamedConnection) => void;
  /** Addresses of names that are then not looked up, for policies with names in `connect`; names in lower case. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** File for the report of the run: a page if it ends in `.html`, else JSON, as `sct run --report` writes it. */
  readonly report?: string;
}

export interface RunResult {
  /** Null: a signal ended the command. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What became of every call that matched, per rule. */
  readonly counters: EngineCounters;
  /** What policies denied, or would have denied, and which entries would allow it; empty: nothing. */
  readonly policies: readonly DeniedByPolicy[];
  /** What the command wrote, with `stdio: "pipe"`; else empty. */
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command under rules, without privilege: `await` it for the result, or iterate over its events. Descendants
 * that outlive the command are waited for. Throws RulesError at once; rejects when the command cannot be started or
 * the machine refuses supervision.
 */
export function run(
  rules: RuleSet | string,
  argv: readonly [string, ...string[]] | readonly string[],
  options: RunOptions = {},
): Run {
  return new Run(rules, argv, options);
}

/** A command that runs under rules. */
export class Run implements PromiseLike<RunResult>, AsyncIterable<SctEvent> {
  /** Settles when the command and all its descendants are gone. */
  readonly finished: Promise<RunResult>;
  readonly #options: RunOptions;
  readonly #helper: Helper;
  #queue: SctEvent[] | undefined;
  #isOver = false;
  #hasBegun = false;
  #wake: (() => void) | undefined;
  #resume: (() => void) | undefined;

  /** @internal */
  constructor(rules: RuleSet | string, argv: readonly string[], options: RunOptions) {
    const accepted = checkedRules(rules);
    const refused = tooManyMacros(accepted);
    if (refused.length > 0) throw new RulesError(refused);
    if (argv.length === 0) throw new TypeError("The command is empty");
    this.#options = options;
    const { stdio = "inherit", input, cwd, env = process.env } = options;
    this.#helper = startHelper("cli/run/served", {
      stdio: [input === undefined ? (stdio === "pipe" ? "ignore" : stdio) : "pipe", stdio, stdio],
      cwd,
    });
    const environment = Object.entries(env).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${value}`],
    );
    const { requests } = this.#helper;
    // later in this turn somebody may ask for events
    queueMicrotask(() => {
      this.#hasBegun = true;
      const sendsEvents = this.#queue !== undefined || options.onEvent !== undefined;
      requests.write(
        writeRequest({
          rules: accepted,
          argv,
          environment,
          sendsEvents,
          hosts: options.hosts,
          report: options.report === undefined ? undefined : resolve(options.report),
        }),
      );
    });
    const { stdin } = this.#helper.process;
    stdin?.on("error", () => {});
    stdin?.end(input);
    this.finished = this.#finish();
    // a caller that only iterates gets the failure there
    this.finished.catch(() => {});
    const onAbort = (): void => this.kill("SIGTERM");
    options.signal?.addEventListener("abort", onAbort);
    if (options.signal?.aborted) onAbort();
    const stopListening = (): void => options.signal?.removeEventListener("abort", onAbort);
    this.finished.then(stopListening, stopListening);
  }

  /** Sends a signal to the command. It may end earlier, in which case nothing happens. */
  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    queueMicrotask(() => this.#helper.requests.write(Uint8Array.of(constants.signals[signal])));
  }

  // biome-ignore lint/suspicious/noThenProperty: that is what `await run(…)` is
  then<A = RunResult, B = never>(
    onFulfilled?: ((result: RunResult) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.finished.then(onFulfilled, onRejected);
  }

  /** Has to be asked for in the turn of the event loop in which `run` was called. Leaving it leaves the command alone. */
  [Symbol.asyncIterator](): AsyncGenerator<SctEvent, void, undefined> {
    if (this.#hasBegun || this.#queue !== undefined)
      throw new Error("Cannot iterate over the events of a run twice, or when it has begun");
    this.#queue = [];
    return this.#events(this.#queue);
  }

  async *#events(queue: SctEvent[]): AsyncGenerator<SctEvent, void, undefined> {
    try {
      while (true) {
        const events = queue.splice(0);
        this.#resume?.();
        yield* events;
        if (queue.length > 0) continue;
        if (this.#isOver) break;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      await this.finished;
    } finally {
      this.#queue = undefined;
      this.#resume?.();
    }
  }

  async #finish(): Promise<RunResult> {
    const { process: child, lines } = this.#helper;
    let spawnError: Error | undefined;
    child.on("error", (error) => {
      spawnError = error;
    });
    const closed = new Promise((resolve) => child.on("close", resolve));
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    try {
      let last: Reply | undefined;
      for await (const line of lines) {
        if (!isReply(line)) await this.#deliver(line);
        else if (line.sct === "notice") this.#options.onNotice?.(line.text);
        else if (line.sct === "connection") this.#options.onConnection?.(line.connection);
        else last = line;
      }
      await closed;
      if (spawnError !== undefined) throw spawnError;
      if (last?.sct === "failed") throw new HelperError(last);
      if (last?.sct !== "finished")
        throw new Error(
          `The supervisor of the command ended before it: ${child.signalCode ?? child.exitCode}`,
        );
      const { exitCode, counters, policies = [] } = last;
      return {
        exitCode,
        signal: signalName(last.signal),
        counters,
        policies,
        stdout: await stdout,
        stderr: await stderr,
      };
    } catch (error) {
      // an error of the reader must not leave a command behind
      child.kill("SIGKILL");
      throw error;
    } finally {
      this.#isOver = true;
      this.#wake?.();
    }
  }

  /** Waits while too many wait. */
  async #deliver(event: SctEvent): Promise<void> {
    this.#options.onEvent?.(event);
    const queue = this.#queue;
    if (queue === undefined) return;
    queue.push(event);
    this.#wake?.();
    if (queue.length < MOST_WAITING) return;
    await new Promise<void>((resolve) => {
      this.#resume = resolve;
    });
    this.#resume = undefined;
  }
}

function signalName(signal: number | null): NodeJS.Signals | null {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === signal) ?? [];
  return (name as NodeJS.Signals | undefined) ?? null;
}

async function collect(stream: AsyncIterable<Uint8Array> | null): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream ?? []) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
