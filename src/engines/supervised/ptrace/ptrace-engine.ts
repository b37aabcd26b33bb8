/**
 * Supervision by ptrace: a call that the filter picks stops its thread (PTRACE_EVENT_SECCOMP); where a rule wants
 * the result, it stops once more when the call returns. Needed for `after` rules and REWRITE.
 *
 * Fails closed: a thread whose stop we cannot handle dies with all others (PTRACE_O_EXITKILL when we die), and
 * without a tracer the kernel answers ENOSYS to all calls that the filter picks.
 */
import {
  type Ending,
  endingOf,
  isStopped,
  kill,
  native,
  P_ALL,
  PTRACE,
  PTRACE_EVENT,
  ptrace,
  SIGKILL,
  SIGSTOP,
  SIGTRAP,
  syscall,
  WALL,
  Waiter,
  WEXITED,
  WNOWAIT,
  WSTOPPED,
  X64,
} from "../../../sys/index.ts";
import type { Finished, Mechanic, Supervision } from "../supervision.ts";
import { TURN_MS } from "../supervision.ts";
import { CallStops } from "./call-stops.ts";
import { RegisterAccess } from "./registers.ts";
import { SignalDelivery } from "./signal-delivery.ts";
import { Tracee } from "./tracee.ts";

const ECHILD = 10;
/** Looks at once again, giving way to the traced thread, before going to sleep: a wake-up costs more. */
const MOST_YIELDS = 16;
/** Signals that stop a process: SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU. */
const FIRST_STOP_SIGNAL = SIGSTOP;
const LAST_STOP_SIGNAL = 22;
const SYSCALL_STOP = SIGTRAP | 0x80;

export class PtraceEngine implements Mechanic {
  readonly #it: Supervision;
  readonly #registers = new RegisterAccess();
  readonly #waiter = new Waiter();
  readonly #tracees = new Map<number, Tracee>();
  readonly #done = Promise.withResolvers<Finished>();
  readonly #calls: CallStops;
  readonly #signals: SignalDelivery;
  #ending: Ending | undefined;
  #yields = MOST_YIELDS;
  #isClosed = false;

  constructor(supervision: Supervision) {
    this.#it = supervision;
    this.#calls = new CallStops(
      supervision,
      this.#registers,
      (tracee) => this.#goOn(tracee),
      (body) => this.#guard(body),
    );
    this.#signals = new SignalDelivery(this.#registers, this.#calls);
  }

  run(): Promise<Finished> {
    this.#turn();
    return this.#done.promise;
  }

  /** One turn of the event loop: all that is there, up to a limit. */
  #turn(): void {
    this.#guard(() => {
      const left = this.#drain();
      if (left === "more") setImmediate(() => this.#turn());
      else if (left === "nothing") this.#sleep();
    });
  }

  /** A bug of ours must not let a call through: everything that we know of dies. */
  #guard(body: () => void): void {
    if (this.#isClosed) return;
    try {
      body();
    } catch (error) {
      this.#killAll();
      this.#close();
      this.#done.reject(error);
    }
  }

  /** Only looks, on another thread; ptrace wants all requests from this one. */
  #sleep(): void {
    const options = WEXITED | WSTOPPED | WNOWAIT | WALL;
    native().waitInBackground(P_ALL, 0, options, () => this.#turn());
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
        this.#finish();
        return "finished";
      } else if (yields < this.#yields) {
        yields++;
        syscall(X64.sched_yield);
      } else {
        // in vain: somebody else needs the processor, or the thread takes its time
        this.#yields = Math.max(2, this.#yields >> 1);
        return "nothing";
      }
    }
  }

  #handle(tid: number, status: number): void {
    if (!isStopped(status)) {
      if (tid === this.#it.launched.pid) {
        this.#ending = endingOf(status);
        this.#it.rootEnded(this.#ending);
      }
      this.#calls.ended(tid, this.#tracees.get(tid));
      this.#tracees.delete(tid);
      this.#it.around.tasks.forget(tid);
      return;
    }
    const isNew = !this.#tracees.has(tid);
    const tracee = this.#traceeOf(tid);
    const signal = (status >> 8) & 0xff;
    const event = status >> 16;
    const isStep = this.#signals.hasCaused(tracee, signal);
    if (signal === SYSCALL_STOP) this.#calls.returned(tracee);
    else if (isNew && event === PTRACE_EVENT.STOP)
      this.#calls.births.begins(tid, () => this.#event(tracee, event, signal));
    else if (event !== 0) this.#event(tracee, event, signal);
    else if (isStep) this.#goOn(tracee);
    else if (!this.#signals.deliver(tracee, signal)) this.#goOn(tracee, signal);
  }

  #event(tracee: Tracee, event: number, signal: number): void {
    switch (event) {
      case PTRACE_EVENT.SECCOMP:
        this.#calls.entered(tracee);
        return;
      case PTRACE_EVENT.EXEC:
        this.#executed(tracee);
        this.#goOn(tracee);
        return;
      case PTRACE_EVENT.FORK:
      case PTRACE_EVENT.VFORK:
      case PTRACE_EVENT.CLONE:
        if (this.#calls.births.isMaker(tracee.tid))
          this.#calls.births.made(tracee.tid, this.#registers.eventMessage(tracee.tid));
        this.#goOn(tracee);
        return;
      case PTRACE_EVENT.STOP:
        // a process that was stopped stays so until SIGCONT; we only listen
        if (signal >= FIRST_STOP_SIGNAL && signal <= LAST_STOP_SIGNAL)
          ptrace(PTRACE.LISTEN, tracee.tid);
        else this.#goOn(tracee);
        return;
      default:
        this.#goOn(tracee);
    }
  }

  /** Another thread than the first may execute: it gets the id of the first, with what it was doing. */
  #executed(tracee: Tracee): void {
    const { tid } = tracee;
    const before = this.#registers.eventMessage(tid);
    this.#calls.executed(tracee, before === tid ? tracee : this.#tracees.get(before));
    if (before !== tid) {
      this.#tracees.delete(before);
      this.#it.around.tasks.forget(before);
    }
    this.#it.around.tasks.forgetCredentials(tid);
  }

  /** Lets a thread run until its next stop. Its death meanwhile is reported by wait. */
  #goOn(tracee: Tracee, signal = 0): void {
    ptrace(tracee.awaitsReturn ? PTRACE.SYSCALL : PTRACE.CONT, tracee.tid, 0, signal);
  }

  #traceeOf(tid: number): Tracee {
    let tracee = this.#tracees.get(tid);
    if (tracee === undefined) {
      tracee = new Tracee(tid);
      this.#tracees.set(tid, tracee);
    }
    return tracee;
  }

  #finish(): void {
    const { launched } = this.#it;
    this.#close();
    if (this.#ending === undefined)
      this.#done.reject(new Error("the command was reaped by another"));
    else this.#done.resolve({ ending: this.#ending, execErrno: launched.execErrno() });
  }

  #killAll(): void {
    // the command first: it would see the others end, and do what comes next
    kill(this.#it.launched.pid, SIGKILL);
    for (const tid of this.#tracees.keys()) kill(tid, SIGKILL);
  }

  #close(): void {
    this.#isClosed = true;
    this.#waiter.close();
    this.#registers.free();
  }
}
