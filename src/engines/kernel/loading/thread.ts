/**
 * Loads rules in a thread of its own: the caller's continues, the load has a deadline, and what compiling took is given back.
 *
 * A load is ended in two steps. The verifier works in one system call, which no thread can be taken out of; but it looks
 * for signals, so the thread gets one. Only a thread that does not end by itself is ended by force; then its descriptors,
 * which it has written into a ledger, are closed here.
 */
import type { Worker } from "node:worker_threads";
import { BpfMap, Link, LoadAbortedError, Program } from "../../../bpf/index.ts";
import type { CheckedRule } from "../../../language/index.ts";
import {
  explainThreadEnd,
  Fd,
  interruptThread,
  MachineError,
  startThread,
} from "../../../sys/index.ts";
import type { LoadResult } from "./compile-and-open.ts";
import { DEFAULT_DEADLINE_MS, type LoadRules, type LoadWatch } from "./load.ts";
import { Flag, type OpenedHandles, type ThreadData, type ThreadMessage } from "./messages.ts";
import { closeObjects, type KernelObjects } from "./objects.ts";
import { unpackError } from "./packed-error.ts";
import type { LoadProgress } from "./progress.ts";
import { tooLong } from "./too-large.ts";

/** Of the thread's heap: rules that take more to compile are refused, and end nothing else. */
const HEAP_MB = 1024;
/** More than any rule set opens. */
const LEDGER_SIZE = 16_384;
const SIGNAL_EVERY_MS = 20;
const PATIENCE_MS = 5_000;

/** The thread has ended before it was done. */
export class LoadThreadError extends MachineError {
  readonly code = "load_thread";
}

export const loadInThread: LoadRules = (rules, options, shared, watch) =>
  new ThreadLoad(
    {
      rules,
      options,
      shared: [...shared.values()].map(({ spec, fd }) => ({ spec, fd: fd.number })),
      flags: new Int32Array(new SharedArrayBuffer(4 * Object.keys(Flag).length)),
      ledger: new Int32Array(new SharedArrayBuffer(LEDGER_SIZE * 4)),
    },
    watch,
  ).result;

class ThreadLoad {
  readonly result: Promise<LoadResult>;
  readonly #data: ThreadData;
  readonly #watch: LoadWatch;
  readonly #worker: Worker;
  readonly #deadline: NodeJS.Timeout;
  readonly #settle = Promise.withResolvers<LoadResult>();
  #tid: number | undefined;
  #progress: LoadProgress | undefined;
  /** Why it was ended; undefined: it was not. */
  #end: "aborted" | "late" | undefined;
  #said: Exclude<ThreadMessage, { kind: "began" | "progress" }> | undefined;
  #error: Error | undefined;
  #stopSignals: () => void = () => {};

  constructor(data: ThreadData, watch: LoadWatch) {
    this.result = this.#settle.promise;
    this.#data = data;
    this.#watch = watch;
    const { deadlineMs = DEFAULT_DEADLINE_MS, signal } = watch;
    this.#worker = startThread({
      name: "sct-load",
      beside: import.meta.url,
      bundle: "load-thread.cjs",
      data,
      heapMb: HEAP_MB,
    });
    this.#worker.on("message", (message: ThreadMessage) => this.#receive(message));
    this.#worker.on("error", (error: Error) => {
      this.#error = error;
    });
    this.#worker.on("exit", () => this.#finish());
    this.#deadline = setTimeout(() => this.#abort("late"), deadlineMs);
    if (signal?.aborted) this.#onAbort();
    signal?.addEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => this.#abort("aborted");

  #receive(message: ThreadMessage): void {
    switch (message.kind) {
      case "began":
        this.#tid = message.tid;
        return;
      case "progress":
        this.#progress = message.progress;
        if (this.#end === undefined) this.#watch.onProgress?.(message.progress);
        return;
      default:
        this.#said = message;
    }
  }

  #abort(why: "aborted" | "late"): void {
    if (this.#end !== undefined || this.#said !== undefined) return;
    this.#end = why;
    const { flags } = this.#data;
    Atomics.store(flags, Flag.aborted, 1);
    // the thread reads the word before it takes hold of anything from now on
    if (Atomics.load(flags, Flag.holding) === 0) {
      void this.#worker.terminate();
      return;
    }
    const handler = (): void => {};
    process.on("SIGURG", handler);
    const signals = setInterval(() => {
      if (this.#tid !== undefined) interruptThread(this.#tid);
    }, SIGNAL_EVERY_MS);
    const force = setTimeout(() => void this.#worker.terminate(), PATIENCE_MS);
    this.#stopSignals = () => {
      clearInterval(signals);
      clearTimeout(force);
      process.off("SIGURG", handler);
    };
  }

  #finish(): void {
    clearTimeout(this.#deadline);
    this.#stopSignals();
    this.#watch.signal?.removeEventListener("abort", this.#onAbort);
    const said = this.#said;
    // what it had opened when it was ended by force
    if (said === undefined) this.#closeLedger();
    if (this.#end === "aborted") {
      if (said?.kind === "loaded") closeObjects(adopt(said.handles));
      this.#settle.reject(new LoadAbortedError("The rules are not loaded"));
    } else if (said === undefined || (this.#end === "late" && said.kind === "failed")) {
      if (this.#end === "late") this.#settle.resolve(this.#refuseLate());
      else this.#settle.reject(this.#explainEnd());
    } else if (said.kind === "loaded") {
      this.#settle.resolve({ ok: true, facts: said.facts, objects: adopt(said.handles) });
    } else if (said.kind === "refused") {
      this.#settle.resolve({ ok: false, diagnostics: said.diagnostics });
    } else {
      this.#settle.reject(unpackError(said.error));
    }
  }

  #refuseLate(): LoadResult {
    const { rules } = this.#data;
    const underWay = (this.#progress?.rules ?? []).flatMap((index): CheckedRule[] => {
      const rule = rules[index];
      return rule === undefined ? [] : [rule];
    });
    const seconds = Math.round((this.#watch.deadlineMs ?? DEFAULT_DEADLINE_MS) / 1000);
    return { ok: false, diagnostics: tooLong(underWay.length > 0 ? underWay : rules, seconds) };
  }

  #explainEnd(): Error | undefined {
    const task = { task: "load the rules", work: "compiling them", heapMb: HEAP_MB };
    const why = explainThreadEnd(this.#error, task);
    return why === undefined ? this.#error : new LoadThreadError(...why);
  }

  #closeLedger(): void {
    const { ledger } = this.#data;
    const count = Atomics.load(ledger, 0);
    // links come last, and are detached first
    for (let i = count; i > 0; i--) new Fd(Atomics.load(ledger, i)).close();
  }
}

function adopt({ maps, programs, links }: OpenedHandles): KernelObjects {
  return {
    maps: maps.map(({ spec, fd }) => new BpfMap(spec, new Fd(fd))),
    programs: programs.map(({ name, type, fd }) => new Program(name, type, new Fd(fd))),
    links: links.map(([fd = -1, event]) => {
      return new Link(new Fd(fd), event === undefined ? undefined : new Fd(event));
    }),
  };
}
