/**
 * Rules over a process that runs already, and over what it starts meanwhile, for a stretch that it marks itself. All
 * its threads are attached by PTRACE_SEIZE and stop at every call; nothing remains once it is let go. Only rules that
 * look: a process is not to be changed by its own test.
 */
import { readdirSync } from "node:fs";
import type { Site } from "../../../events/index.ts";
import type { CheckedRule } from "../../../language/index.ts";
import { vocabulary } from "../../../linux/index.ts";
import {
  isStopped,
  native,
  P_ALL,
  PTRACE,
  PTRACE_EVENT,
  PTRACE_O,
  ptrace,
  SIGSTOP,
  SIGTRAP,
  SyscallError,
  syscall,
  WALL,
  Waiter,
  WEXITED,
  WNOWAIT,
  WSTOPPED,
  X64,
} from "../../../sys/index.ts";
import type { EngineCounters, RecordSink } from "../../engine.ts";
import { Surroundings } from "../call/traced-call.ts";
import { Decider } from "../decide.ts";
import { needsOf } from "../needs.ts";
import { CallStops } from "../ptrace/call-stops.ts";
import { RegisterAccess } from "../ptrace/registers.ts";
import { SignalDelivery } from "../ptrace/signal-delivery.ts";
import { Tracee } from "../ptrace/tracee.ts";
import { Reporter } from "../reporter.ts";
import { RuleIndex } from "../rule-index.ts";
import { rootChangingCalls, watchedCalls } from "../watched-calls.ts";
import { Mark, markOf } from "./marks.ts";

const OPTIONS =
  PTRACE_O.TRACESYSGOOD |
  PTRACE_O.TRACEFORK |
  PTRACE_O.TRACEVFORK |
  PTRACE_O.TRACECLONE |
  PTRACE_O.TRACEEXEC;
const SYSCALL_STOP = SIGTRAP | 0x80;
const LAST_STOP_SIGNAL = 22;
const ESRCH = 3;
const ECHILD = 10;
const MOST_YIELDS = 16;

type Phase = "attaching" | "waiting" | "recording" | "leaving";

export class AttachEngine {
  readonly sites: readonly Site[];
  readonly #pid: number;
  readonly #token: number;
  readonly #registers = new RegisterAccess();
  readonly #waiter = new Waiter();
  readonly #tracees = new Map<number, Tracee>();
  readonly #reporter: Reporter;
  readonly #around: Surroundings;
  readonly #calls: CallStops;
  readonly #signals: SignalDelivery;
  readonly #attached = Promise.withResolvers<void>();
  readonly #done = Promise.withResolvers<void>();
  /** Threads of which the first stop is still to come. */
  readonly #awaited = new Set<number>();
  #phase: Phase = "attaching";

  /** `token`: that of the marks by which the process shows where to begin and to end. */
  constructor(rules: readonly CheckedRule[], pid: number, token: number) {
    const index = new RuleIndex(rules);
    const needs = needsOf(rules, true);
    this.#pid = pid;
    this.#token = token;
    this.#reporter = new Reporter(rules, index, needs);
    this.sites = this.#reporter.sites;
    this.#around = new Surroundings(rules, needs);
    const supervision = {
      index,
      decider: new Decider(vocabulary, this.#reporter),
      around: this.#around,
      needs,
      watched: watchedCalls(true),
      rootChanging: rootChangingCalls(),
      rootEnded: () => {},
      refusal: () => undefined,
      isOnSct: () => false,
      launched: {
        pid,
        listenerFd: -1,
        guard: undefined,
        isLoading: () => false,
        execErrno: () => undefined,
      },
      queue: undefined,
      tell: () => {},
    };
    this.#calls = new CallStops(
      supervision,
      this.#registers,
      (tracee) => this.#goOn(tracee),
      // nothing waits for an answer here
      (body) => body(),
    );
    this.#signals = new SignalDelivery(this.#registers, this.#calls);
  }

  /** Resolves when every call of the process is seen. Throws SyscallError when it may not be traced. */
  async attach(sink: RecordSink): Promise<void> {
    this.#reporter.open(sink);
    // threads that begin meanwhile belong to one that is attached already, or are found by the next look
    while (this.#seizeAll() > 0);
    this.#turn();
    await this.#attached.promise;
  }

  /** Resolves when the process has made its mark at the end and is free again, or is gone. */
  finished(): Promise<void> {
    return this.#done.promise;
  }

  counters(): EngineCounters {
    return this.#reporter.counters();
  }

  #seizeAll(): number {
    let count = 0;
    for (const name of readdirSync(`/proc/${this.#pid}/task`)) {
      const tid = Number(name);
      if (this.#tracees.has(tid)) continue;
      const result = ptrace(PTRACE.SEIZE, tid, 0, OPTIONS);
      if (result === -ESRCH) continue;
      if (result < 0) throw cannotTrace(-result);
      count++;
      this.#tracees.set(tid, new Tracee(tid));
      this.#awaited.add(tid);
      ptrace(PTRACE.INTERRUPT, tid);
    }
    return count;
  }

  #turn(): void {
    try {
      if (this.#drain() === "nothing") {
        const options = WEXITED | WSTOPPED | WNOWAIT | WALL;
        native().waitInBackground(P_ALL, 0, options, () => this.#turn());
      }
    } catch (error) {
      this.#attached.reject(error);
      this.#done.reject(error);
    }
  }

  #drain(): "nothing" | "over" {
    for (let yields = 0; yields < MOST_YIELDS; ) {
      const tid = this.#waiter.poll();
      if (tid > 0) {
        yields = 0;
        this.#handle(tid, this.#waiter.status);
      } else if (tid === -ECHILD) {
        this.#around.close();
        this.#waiter.close();
        this.#registers.free();
        this.#attached.resolve();
        this.#done.resolve();
        return "over";
      } else {
        yields++;
        syscall(X64.sched_yield);
      }
    }
    return "nothing";
  }

  #handle(tid: number, status: number): void {
    if (!isStopped(status)) {
      this.#gone(tid);
      return;
    }
    let tracee = this.#tracees.get(tid);
    if (tracee === undefined) {
      tracee = new Tracee(tid);
      this.#tracees.set(tid, tracee);
    }
    const signal = (status >> 8) & 0xff;
    const event = status >> 16;
    const isStep = this.#signals.hasCaused(tracee, signal);
    const isOwnSignal = signal !== SYSCALL_STOP && event === 0 && !isStep;
    if (this.#phase === "leaving") {
      ptrace(PTRACE.DETACH, tid, 0, isOwnSignal ? signal : 0);
      this.#gone(tid);
      return;
    }
    if (signal === SYSCALL_STOP) this.#call(tracee);
    else if (event === PTRACE_EVENT.STOP && signal >= SIGSTOP && signal <= LAST_STOP_SIGNAL)
      ptrace(PTRACE.LISTEN, tid);
    else {
      if (event === PTRACE_EVENT.EXEC) this.#executed(tracee);
      if (!isOwnSignal) this.#goOn(tracee);
      else if (!this.#signals.deliver(tracee, signal)) this.#goOn(tracee, signal);
    }
    this.#awaited.delete(tid);
    this.#nowAttached();
  }

  #call(tracee: Tracee): void {
    const { tid } = tracee;
    if (!this.#registers.isEntry(tid)) {
      this.#calls.returned(tracee);
      return;
    }
    const entry = this.#registers.readEntry(tid);
    const mark = entry && markOf(entry.nr, this.#registers.args, this.#token);
    if (mark === Mark.begin && this.#phase === "waiting") this.#phase = "recording";
    if (mark === Mark.end) {
      this.#leave();
      ptrace(PTRACE.DETACH, tid);
      this.#gone(tid);
    } else if (this.#phase === "recording" && mark === undefined) this.#calls.entered(tracee);
    else this.#goOn(tracee);
  }

  /** All others are asked to stop, and let go when they have. */
  #leave(): void {
    this.#phase = "leaving";
    for (const tid of this.#tracees.keys()) ptrace(PTRACE.INTERRUPT, tid);
  }

  #nowAttached(): void {
    if (this.#phase !== "attaching" || this.#awaited.size > 0) return;
    this.#phase = "waiting";
    this.#attached.resolve();
  }

  #executed(tracee: Tracee): void {
    const before = this.#registers.eventMessage(tracee.tid);
    this.#calls.executed(tracee, before === tracee.tid ? tracee : this.#tracees.get(before));
    if (before !== tracee.tid) this.#gone(before);
  }

  #gone(tid: number): void {
    this.#tracees.delete(tid);
    this.#around.tasks.forget(tid);
    this.#awaited.delete(tid);
    this.#nowAttached();
  }

  #goOn(tracee: Tracee, signal = 0): void {
    ptrace(PTRACE.SYSCALL, tracee.tid, 0, signal);
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
