/**
 * Rules over a process that runs already, and over what it starts meanwhile, for a stretch that it marks itself. All
 * its threads are attached by PTRACE_SEIZE and stop at every call; nothing remains once it is let go. Only rules that
 * look: a process is not to be changed by its own test.
 */

import { readdirSync } from "node:fs";
import { ESRCH } from "../../base/linux-abi.ts";
import type { Site } from "../../events/index.ts";
import type { CheckedRule, CountTable } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { PTRACE, PTRACE_O, ptrace, SyscallError } from "../../sys/index.ts";
import { DirectDelivery } from "../direct-delivery.ts";
import type { Engine, EngineCounters, RecordSink } from "../engine.ts";
import { chooseSeed } from "../seed.ts";
import { CallContext } from "../supervised/call/call-context.ts";
import { Decider } from "../supervised/decide.ts";
import { DueRules } from "../supervised/due.ts";
import { EventReporter } from "../supervised/event-reporter.ts";
import { needsOf } from "../supervised/needs.ts";
import { RuleIndex } from "../supervised/rule-index.ts";
import { rootChangingCalls, watchedCalls } from "../supervised/watched-calls.ts";
import { TraceLoop } from "../trace/trace-loop.ts";
import type { Tracee } from "../trace/tracee.ts";
import { Mark, markOf } from "./marks.ts";

const OPTIONS =
  PTRACE_O.TRACESYSGOOD |
  PTRACE_O.TRACEFORK |
  PTRACE_O.TRACEVFORK |
  PTRACE_O.TRACECLONE |
  PTRACE_O.TRACEEXEC;

type Phase = "attaching" | "waiting" | "recording" | "leaving";

export interface AttachOptions {
  readonly rules: readonly CheckedRule[];
  /** Process whose calls are looked at. */
  readonly pid: number;
  /** Of the marks by which the process says where to begin and to end. */
  readonly token: number;
}

export class AttachEngine implements Engine {
  readonly notices: readonly string[] = [];
  readonly sites: readonly Site[];
  readonly #pid: number;
  readonly #token: number;
  readonly #reporter: EventReporter;
  readonly #context: CallContext;
  readonly #loop: TraceLoop;
  readonly #delivery = new DirectDelivery();
  readonly #attached = Promise.withResolvers<void>();
  /** Threads of which the first stop is still to come. */
  readonly #awaited = new Set<number>();
  #phase: Phase = "attaching";

  constructor({ rules, pid, token }: AttachOptions) {
    const index = new RuleIndex(rules);
    const needs = needsOf(rules, true);
    this.#pid = pid;
    this.#token = token;
    this.#reporter = new EventReporter(rules, { index, needs, showsAll: true });
    this.sites = this.#reporter.sites;
    this.#reporter.open(this.#delivery);
    this.#context = new CallContext(rules, needs);
    const { seed } = chooseSeed(rules, undefined);
    const handling = {
      index,
      decider: new Decider(vocabulary, this.#reporter, new DueRules(rules, index, seed)),
      context: this.#context,
      needs,
      watched: watchedCalls(true),
      rootChanging: rootChangingCalls(),
      refusal: () => undefined,
      isOnSct: () => false,
      queue: undefined,
      report: () => {},
    };
    this.#loop = new TraceLoop(handling, {
      stopsAtEveryCall: true,
      entered: (tracee) => this.#entered(tracee),
      stopped: (tid) => this.#seen(tid),
      gone: (tid) => this.#seen(tid),
      finished: () => this.#finished(),
      failed: (error) => this.#failed(error),
    });
  }

  /** Resolves when every call of the process is seen. Throws SyscallError when it may not be traced. */
  async attach(): Promise<void> {
    // threads that begin meanwhile belong to one that is attached already, or are found by the next look
    while (this.#seizeAll() > 0);
    this.#loop.turn();
    await this.#attached.promise;
  }

  events(sink: RecordSink, timeoutMs: number): Promise<number> {
    return this.#delivery.events(sink, timeoutMs);
  }

  counters(): EngineCounters {
    return this.#reporter.counters();
  }

  counts(): readonly CountTable[] {
    return this.#reporter.countTables();
  }

  /** Lets the process go, as its mark at the end does. */
  close(): void {
    if (this.#phase === "leaving") return;
    this.#phase = "leaving";
    this.#loop.letGo();
  }

  #seizeAll(): number {
    let count = 0;
    for (const name of readdirSync(`/proc/${this.#pid}/task`)) {
      const tid = Number(name);
      if (this.#loop.has(tid)) continue;
      const result = ptrace(PTRACE.SEIZE, tid, 0, OPTIONS);
      if (result === -ESRCH) continue;
      if (result < 0) throw cannotTrace(-result);
      count++;
      this.#loop.add(tid);
      this.#awaited.add(tid);
      ptrace(PTRACE.INTERRUPT, tid);
    }
    return count;
  }

  /** At the stop before a call: only what lies between the two marks counts. */
  #entered(tracee: Tracee): void {
    const { registers, calls } = this.#loop;
    const entry = registers.readEntry(tracee.tid);
    const mark = entry && markOf(entry.nr, registers.args, this.#token);
    if (mark === Mark.begin && this.#phase === "waiting") this.#phase = "recording";
    if (mark === Mark.end) {
      this.#phase = "leaving";
      this.#loop.letGo(tracee.tid);
    } else if (this.#phase === "recording" && mark === undefined) calls.entered(tracee);
    else this.#loop.resume(tracee);
  }

  /** A thread has had its first stop, or comes to none. */
  #seen(tid: number): void {
    this.#awaited.delete(tid);
    if (this.#phase !== "attaching" || this.#awaited.size > 0) return;
    this.#phase = "waiting";
    this.#attached.resolve();
  }

  #finished(): void {
    this.#phase = "leaving";
    this.#context.close();
    this.#attached.resolve();
    this.#delivery.end();
  }

  /** The kernel lets all threads go when this process ends. */
  #failed(error: unknown): void {
    this.#attached.reject(error);
    this.#delivery.fail(error);
  }
}

function cannotTrace(errno: number): SyscallError {
  return new SyscallError({
    call: "ptrace",
    command: "PTRACE_SEIZE",
    errno,
    what: "record the calls of this process",
    hint: "A debugger traces it already, or Yama (kernel.yama.ptrace_scope above 1) or the container forbids tracing; a command as an array works where 'sct run' does",
  });
}
