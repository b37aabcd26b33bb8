/**
 * The one loop over traced threads: waits for their stops, does what each asks for, and lets the thread continue. What
 * its users do differently they give as a TraceRole.
 */
import { ECHILD } from "../../base/linux-abi.ts";
import {
  isStopped,
  native,
  P_ALL,
  PTRACE,
  PTRACE_EVENT,
  ptrace,
  syscall,
  WALL,
  Waiter,
  WEXITED,
  WNOWAIT,
  WSTOPPED,
  X64,
} from "../../sys/index.ts";
import { type CallHandling, TURN_MS } from "../supervised/supervision.ts";
import { CallStops } from "./call-stops.ts";
import { RegisterAccess } from "./registers.ts";
import { SignalDelivery } from "./signal-delivery.ts";
import { isAtCall, isGroupStop, type Stop, stopOf } from "./stop.ts";
import { Tracee } from "./tracee.ts";

/** Looks at once again, giving way to the traced thread, before going to sleep: a wake-up costs more. */
const MOST_YIELDS = 16;
const FEWEST_YIELDS = 2;

/** In what the users of the loop differ. */
export interface TraceRole {
  /** Every call stops its thread, twice; else a seccomp filter picks those that do, and rules those that do again. */
  readonly stopsAtEveryCall: boolean;
  /** At the stop before a call: hands it to `calls`, or lets the thread continue. */
  entered(tracee: Tracee): void;
  /** A stop of the thread has been dealt with. */
  stopped(tid: number): void;
  /** No stop of the thread comes any more. `status`: how it ended; undefined: it was let go, or execve has given it another id. */
  gone(tid: number, status: number | undefined): void;
  /** No traced thread is left. */
  finished(): void;
  /** By a bug of ours. Threads stay where they are. */
  failed(error: unknown): void;
}

export class TraceLoop {
  readonly registers = new RegisterAccess();
  readonly calls: CallStops;
  readonly #handling: CallHandling;
  readonly #role: TraceRole;
  readonly #waiter = new Waiter();
  readonly #tracees = new Map<number, Tracee>();
  readonly #signals: SignalDelivery;
  #yields = MOST_YIELDS;
  #isLettingGo = false;
  #isClosed = false;

  constructor(handling: CallHandling, role: TraceRole) {
    this.#handling = handling;
    this.#role = role;
    this.calls = new CallStops(
      handling,
      this.registers,
      (tracee) => this.resume(tracee),
      (body) => this.#guard(body),
    );
    this.#signals = new SignalDelivery(this.registers, this.calls);
  }

  /** One turn of the event loop, and one after another: all stops that there are, up to a limit of time. */
  turn(): void {
    this.#guard(() => {
      const left = this.#drain();
      if (left === "more") setImmediate(() => this.turn());
      else if (left === "nothing") this.#sleep();
    });
  }

  /** A thread that is traced already, and has not stopped yet. */
  add(tid: number): void {
    this.#tracees.set(tid, new Tracee(tid));
  }

  has(tid: number): boolean {
    return this.#tracees.has(tid);
  }

  tids(): Iterable<number> {
    return this.#tracees.keys();
  }

  /** Lets a thread run until its next stop. Its death meanwhile is reported by wait. */
  resume(tracee: Tracee, signal = 0): void {
    const stopsAtCall = this.#role.stopsAtEveryCall || tracee.awaitsReturn;
    ptrace(stopsAtCall ? PTRACE.SYSCALL : PTRACE.CONT, tracee.tid, 0, signal);
  }

  /** Lets all threads go: `stopped` at once, the others as soon as they stop. */
  letGo(stopped?: number): void {
    this.#isLettingGo = true;
    for (const tid of this.#tracees.keys()) if (tid !== stopped) ptrace(PTRACE.INTERRUPT, tid);
    if (stopped !== undefined) this.#detach(stopped, 0);
  }

  /** A bug of ours must not let a call through unseen: the role decides what becomes of the threads. */
  #guard(body: () => void): void {
    if (this.#isClosed) return;
    try {
      body();
    } catch (error) {
      this.#role.failed(error);
      this.#close();
    }
  }

  /** Only looks, on another thread; ptrace wants all requests from this one. */
  #sleep(): void {
    const options = WEXITED | WSTOPPED | WNOWAIT | WALL;
    native().waitInBackground(P_ALL, 0, options, () => this.turn());
  }

  #drain(): "more" | "nothing" | "finished" {
    const end = performance.now() + TURN_MS;
    let yields = 0;
    while (true) {
      const tid = this.#waiter.poll();
      if (tid > 0) {
        if (yields > 0) this.#yields = MOST_YIELDS;
        yields = 0;
        this.#handle(tid, this.#waiter.status);
        if (performance.now() >= end) return "more";
      } else if (tid === -ECHILD) {
        this.#close();
        this.#role.finished();
        return "finished";
      } else if (yields < this.#yields) {
        yields++;
        syscall(X64.sched_yield);
      } else {
        // in vain: somebody else needs the processor, or the thread takes its time
        this.#yields = Math.max(FEWEST_YIELDS, this.#yields >> 1);
        return "nothing";
      }
    }
  }

  #handle(tid: number, status: number): void {
    if (!isStopped(status)) {
      this.calls.ended(tid, this.#tracees.get(tid));
      this.#forget(tid, status);
      return;
    }
    const isNew = !this.#tracees.has(tid);
    const tracee = this.#traceeOf(tid);
    const stop = stopOf(status);
    const { signal, event } = stop;
    const isStep = this.#signals.hasCaused(tracee, signal);
    const isOwnSignal = event === 0 && !isStep && !isAtCall(stop);
    if (this.#isLettingGo) {
      this.#detach(tid, isOwnSignal ? signal : 0);
      return;
    }
    if (isAtCall(stop)) this.#atCall(tracee);
    else if (isNew && event === PTRACE_EVENT.STOP)
      this.calls.births.begins(tid, () => this.#event(tracee, stop));
    else if (event !== 0) this.#event(tracee, stop);
    else if (isStep) this.resume(tracee);
    else if (!this.#signals.deliver(tracee, signal)) this.resume(tracee, signal);
    this.#role.stopped(tid);
  }

  #atCall(tracee: Tracee): void {
    // where a filter picks calls, it has stopped the thread before this one already
    if (this.#role.stopsAtEveryCall && this.registers.isEntry(tracee.tid))
      this.#role.entered(tracee);
    else this.calls.returned(tracee);
  }

  #event(tracee: Tracee, stop: Stop): void {
    switch (stop.event) {
      case PTRACE_EVENT.SECCOMP:
        this.#role.entered(tracee);
        return;
      case PTRACE_EVENT.EXEC:
        this.#executed(tracee);
        break;
      case PTRACE_EVENT.FORK:
      case PTRACE_EVENT.VFORK:
      case PTRACE_EVENT.CLONE:
        if (this.calls.births.isMaker(tracee.tid))
          this.calls.births.made(tracee.tid, this.registers.eventMessage(tracee.tid));
        break;
      case PTRACE_EVENT.STOP:
        if (!isGroupStop(stop)) break;
        // a process that was stopped stays so until SIGCONT; we only listen
        ptrace(PTRACE.LISTEN, tracee.tid);
        return;
    }
    this.resume(tracee);
  }

  /** Another thread than the first may execute: it gets the id of the first, with what it was doing. */
  #executed(tracee: Tracee): void {
    const { tid } = tracee;
    const before = this.registers.eventMessage(tid);
    this.calls.executed(tracee, before === tid ? tracee : this.#tracees.get(before));
    if (before !== tid) this.#forget(before, undefined);
    this.#handling.context.tasks.forgetCredentials(tid);
  }

  #detach(tid: number, signal: number): void {
    ptrace(PTRACE.DETACH, tid, 0, signal);
    this.#forget(tid, undefined);
  }

  #forget(tid: number, status: number | undefined): void {
    this.#tracees.delete(tid);
    this.#handling.context.tasks.forget(tid);
    this.#role.gone(tid, status);
  }

  #traceeOf(tid: number): Tracee {
    const known = this.#tracees.get(tid);
    if (known !== undefined) return known;
    const tracee = new Tracee(tid);
    this.#tracees.set(tid, tracee);
    return tracee;
  }

  #close(): void {
    this.#isClosed = true;
    this.#waiter.close();
    this.registers.free();
  }
}
