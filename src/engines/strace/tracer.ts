/**
 * The loop of a trace: waits for the stops of traced threads, in the main thread and nowhere else, and lets them
 * continue. Unlike the loop of rules it does nothing beside: a wait is one system call, as in strace.
 */
import { ECHILD, EINTR } from "../../base/linux-abi.ts";
import { errnoText } from "../../linux/index.ts";
import {
  type Ending,
  endingOf,
  type Interrupts,
  isStopped,
  ProcessMemory,
  PTRACE,
  PTRACE_EVENT,
  PTRACE_O,
  ptrace,
  Reg,
  SYSCALL_INFO_ENTRY,
  SYSCALL_INFO_EXIT,
  SYSCALL_INFO_SECCOMP,
  syscall,
  Waiter,
  X64,
} from "../../sys/index.ts";
import { RegisterAccess } from "../trace/registers.ts";
import { isAtCall, isGroupStop, type Stop, stopOf } from "../trace/stop.ts";
import { CallLines } from "./call-lines.ts";
import { Injector, isReplaced } from "./injector.ts";
import { Lines } from "./lines.ts";
import type { TracePlan } from "./plan.ts";
import { signalText } from "./signal-names.ts";
import { Summary } from "./summary.ts";
import { pause } from "./trace-file.ts";
import type { TraceFiles } from "./trace-files.ts";
import { TracedThread } from "./traced-thread.ts";

/** Looks before it sleeps: to be woken costs more. */
const LOOKS = 12;

export interface TracerParts {
  readonly outputs: TraceFiles;
  readonly interrupts: Interrupts;
  /** A line for the user: `Process 12 attached`. */
  readonly notify: (text: string) => void;
}

export class Tracer {
  readonly #plan: TracePlan;
  readonly #outputs: TraceFiles;
  readonly #interrupts: Interrupts;
  readonly #notify: (text: string) => void;
  readonly #threads = new Map<number, TracedThread>();
  readonly #registers = new RegisterAccess();
  readonly #memory = new ProcessMemory();
  readonly #waiter = new Waiter();
  /** Threads that an injection delays, each with the signal that it gets then. */
  readonly #held = new Map<TracedThread, number>();
  readonly #lines: Lines;
  readonly #calls: CallLines;
  readonly #summary: Summary | undefined;
  readonly #injector: Injector;
  readonly #showsLines: boolean;
  #command: number | undefined;
  #ending: Ending | undefined;
  /** The signal by which the trace was ended. */
  #interruption = 0;

  constructor(plan: TracePlan, { outputs, interrupts, notify }: TracerParts) {
    this.#plan = plan;
    this.#outputs = outputs;
    this.#interrupts = interrupts;
    this.#notify = notify;
    this.#showsLines = plan.summary === undefined || !plan.summary.only;
    this.#summary = plan.summary && new Summary(plan.summary);
    this.#lines = new Lines(plan.lines, plan.output, plan.followForks, () => this.#threads.size);
    this.#injector = new Injector(plan.injections, this.#registers, this.#memory);
    this.#calls = new CallLines(plan, {
      lines: this.#lines,
      memory: this.#memory,
      registers: this.#registers,
      summary: this.#summary,
    });
  }

  /** Of PTRACE_SEIZE. */
  get options(): number {
    const { followForks, usesFilter } = this.#plan;
    return (
      PTRACE_O.TRACESYSGOOD |
      PTRACE_O.TRACEEXEC |
      PTRACE_O.TRACEEXIT |
      (usesFilter ? PTRACE_O.TRACESECCOMP : 0) |
      (followForks ? PTRACE_O.TRACEFORK | PTRACE_O.TRACEVFORK | PTRACE_O.TRACECLONE : 0)
    );
  }

  /** The command, which is seized and has not executed yet. */
  addCommand(pid: number): void {
    this.#command = pid;
    const thread = this.#add(pid);
    thread.isHidden = true;
    thread.isKnown = true;
  }

  /** A thread of a process that runs already, seized. */
  addAttached(tid: number): void {
    this.#add(tid).isKnown = true;
  }

  /** How the command ended, and by which signal the trace was, 0: by none. */
  run(): { readonly ending: Ending | undefined; readonly interruption: number } {
    while (this.#threads.size > 0) {
      const tid = this.#next();
      if (tid > 0) this.#handle(tid, this.#waiter.status);
      else if (tid === -ECHILD) break;
      const signal = this.#interrupts.take();
      if (signal > 0 && this.#interruption === 0) this.#letGo(signal);
    }
    const table = this.#summary?.text();
    if (table !== undefined && table !== "") this.#writeTable(table);
    this.#outputs.close();
    return { ending: this.#ending, interruption: this.#interruption };
  }

  #writeTable(table: string): void {
    this.#outputs.of(this.#command ?? 0).write(table);
  }

  /** The id of a thread that there is news of, 0: there is none yet, or -errno. */
  #next(): number {
    if (this.#held.size > 0) {
      this.#release();
      const tid = this.#waiter.wait(false);
      if (tid !== 0) return tid;
      this.#outputs.flush();
      pause(PAUSE_MS);
      // a signal may end the trace
      return 0;
    }
    for (let i = 0; i < LOOKS; i++) {
      const tid = this.#waiter.wait(false);
      if (tid !== 0) return tid;
      syscall(X64.sched_yield);
    }
    this.#outputs.flush();
    const tid = this.#waiter.wait(true);
    return tid === -EINTR ? 0 : tid;
  }

  #add(tid: number): TracedThread {
    const thread = new TracedThread(tid, this.#outputs.of(tid));
    this.#threads.set(tid, thread);
    return thread;
  }

  #handle(tid: number, status: number): void {
    const thread = this.#threads.get(tid);
    if (!isStopped(status)) {
      if (thread !== undefined) this.#ended(thread, status);
      return;
    }
    if (thread === undefined) {
      this.#born(tid, stopOf(status));
      return;
    }
    thread.systemNs = this.#waiter.systemNs;
    const stop = stopOf(status);
    if (thread.isLeaving) this.#leave(thread, stop);
    else if (isAtCall(stop)) this.#atCall(thread);
    else if (stop.event !== 0) this.#event(thread, stop);
    else this.#signalled(thread, stop.signal);
  }

  #resume(thread: TracedThread, signal = 0): void {
    this.#outputs.flushStandardError();
    const stops = !this.#plan.usesFilter || thread.call !== undefined;
    ptrace(stops ? PTRACE.SYSCALL : PTRACE.CONT, thread.tid, 0, signal);
  }

  /** Leaves the thread at its stop for a time; others continue. */
  #hold(thread: TracedThread, delayUs: number, signal: number | undefined): void {
    thread.heldUntilMs = performance.now() + delayUs / 1000;
    this.#held.set(thread, signal ?? 0);
  }

  #release(): void {
    const now = performance.now();
    for (const [thread, signal] of this.#held) {
      if (thread.heldUntilMs > now) continue;
      this.#held.delete(thread);
      this.#resume(thread, signal);
    }
  }

  /** A thread or process that a traced one has made. */
  #born(tid: number, stop: Stop): void {
    const thread = this.#add(tid);
    thread.isKnown = true;
    // made by one that was let go meanwhile
    if (this.#interruption > 0) {
      this.#leave(thread, stop);
      return;
    }
    if (this.#showsNotice("attach")) this.#notify(`Process ${tid} attached`);
    if (stop.event === PTRACE_EVENT.STOP && isGroupStop(stop)) this.#event(thread, stop);
    else this.#resume(thread);
  }

  #showsNotice(message: "attach" | "exit" | "thread-execve"): boolean {
    return !this.#plan.quiet.has(message);
  }

  #atCall(thread: TracedThread): void {
    const op = this.#registers.readStop(thread.tid);
    let delayUs: number | undefined;
    let signal: number | undefined;
    if (op === SYSCALL_INFO_ENTRY || op === SYSCALL_INFO_SECCOMP) {
      this.#entered(thread);
      ({ delayEnterUs: delayUs, signal } = thread.call?.injected ?? {});
    } else if (op === SYSCALL_INFO_EXIT) {
      delayUs = thread.call?.injected?.delayExitUs;
      this.#returned(thread);
    }
    // it is gone: the news of its end follows
    if (op === undefined) return;
    if (delayUs === undefined) this.#resume(thread, signal);
    else this.#hold(thread, delayUs, signal);
  }

  #entered(thread: TracedThread): void {
    if (thread.isHidden && !this.#beginsToShow(thread)) return;
    this.#calls.entered(thread, (one) =>
      this.#isLoading(one) ? undefined : this.#injector.entered(one),
    );
  }

  /** Before the command's execve there are only our own calls. */
  #beginsToShow(thread: TracedThread): boolean {
    const { nr } = this.#registers;
    if (nr === X64.exit_group) {
      // as strace leaves where it cannot execute
      this.#registers.poke(thread.tid, Reg.rdi, 1n);
      return false;
    }
    thread.isHidden = nr !== X64.execve;
    return !thread.isHidden;
  }

  #returned(thread: TracedThread): void {
    const ret = this.#injector.returned(thread, this.#registers.result);
    this.#calls.returned(thread, ret);
    if (this.#isLoading(thread) && ret < 0n) {
      thread.isHidden = true;
      this.#execFailed(Number(-ret));
    }
  }

  #hasExecuted = false;

  #isLoading({ tid }: TracedThread): boolean {
    return tid === this.#command && !this.#hasExecuted;
  }

  #execFailed(errno: number): void {
    this.#outputs.flush();
    this.#notify(`exec: ${errnoText(errno)}`);
  }

  #event(thread: TracedThread, stop: Stop): void {
    switch (stop.event) {
      case PTRACE_EVENT.EXEC:
        if (this.#executed(thread)) return;
        break;
      case PTRACE_EVENT.SECCOMP:
        this.#atCall(thread);
        return;
      case PTRACE_EVENT.EXIT:
        if (!thread.isHidden) this.#calls.endsInside(thread);
        break;
      case PTRACE_EVENT.STOP:
        if (!isGroupStop(stop)) break;
        if (!thread.isHidden && this.#showsLines && this.#plan.signals.has(stop.signal))
          this.#line(thread, `--- stopped by ${signalText(stop.signal)} ---`);
        // it stays so until SIGCONT; we only listen
        ptrace(PTRACE.LISTEN, thread.tid);
        return;
    }
    this.#resume(thread);
  }

  /** True: the thread is let go. */
  #executed(thread: TracedThread): boolean {
    const { tid } = thread;
    if (tid === this.#command) this.#hasExecuted = true;
    const former = this.#registers.eventMessage(tid);
    const caller = this.#threads.get(former);
    if (former !== tid && caller !== undefined) this.#superseded(thread, caller);
    if (!this.#plan.detachesOnExecve || thread.isHidden) return false;
    const first = this.#command === tid && !this.#isPastFirstExecve;
    this.#isPastFirstExecve = true;
    if (first) return false;
    this.#detach(thread, 0);
    return true;
  }

  #isPastFirstExecve = false;

  /** Another thread than the first has executed: it gets the id of the first, which is no more. */
  #superseded(leader: TracedThread, caller: TracedThread): void {
    const former = caller.tid;
    if (caller.isLineOpen) this.#lines.end(caller, ` <pid changed to ${leader.tid} ...>`);
    this.#lines.forget(caller);
    this.#threads.delete(former);
    this.#outputs.ended(former);
    leader.call = caller.call;
    if (this.#showsLines && this.#showsNotice("thread-execve"))
      this.#line(leader, `+++ superseded by execve in pid ${former} +++`);
  }

  #signalled(thread: TracedThread, signal: number): void {
    if (!thread.isHidden && this.#showsLines && this.#plan.signals.has(signal)) {
      const info = this.#registers.signalInfo(thread.tid);
      const text = info === undefined ? "" : ` ${this.#calls.siginfoText(thread.tid, info)}`;
      this.#line(thread, `--- ${signalText(signal)}${text} ---`);
    }
    this.#resume(thread, signal);
  }

  #line(thread: TracedThread, text: string): void {
    this.#lines.begin(thread, this.#lines.prefix(thread, thread.lastCall));
    this.#lines.end(thread, text);
  }

  #ended(thread: TracedThread, status: number): void {
    const ending = endingOf(status);
    if (thread.tid === this.#command) this.#ending = ending;
    const isShown = this.#showsLines && this.#showsNotice("exit");
    if (isShown) this.#line(thread, `+++ ${endingText(ending, status)} +++`);
    this.#forget(thread);
  }

  #forget(thread: TracedThread): void {
    this.#lines.forget(thread);
    this.#threads.delete(thread.tid);
    this.#outputs.ended(thread.tid);
  }

  /** Ends the trace: the command gets the signal too, other processes run on as they would. */
  #letGo(signal: number): void {
    this.#interruption = signal;
    const command = this.#command;
    if (command !== undefined && this.#threads.has(command)) {
      syscall(X64.kill, command, 18);
      syscall(X64.kill, command, signal);
    }
    for (const thread of this.#threads.values()) {
      thread.isLeaving = true;
      ptrace(PTRACE.INTERRUPT, thread.tid);
    }
    // a delay may be long; the call itself is still ahead where its result is to be another
    for (const [thread, late] of this.#held) {
      if (isReplaced(thread.call?.injected)) this.#resume(thread, late);
      else this.#detach(thread, late);
    }
    this.#held.clear();
  }

  #leave(thread: TracedThread, stop: Stop): void {
    // a call that was taken from it must get its result: it would see ENOSYS
    if (isReplaced(thread.call?.injected) && isAtCall(stop)) {
      if (this.#registers.readStop(thread.tid) === SYSCALL_INFO_EXIT) this.#returned(thread);
    }
    const isSignal = stop.event === 0 && !isAtCall(stop);
    this.#detach(thread, isSignal ? stop.signal : 0);
  }

  #detach(thread: TracedThread, signal: number): void {
    this.#calls.detached(thread);
    ptrace(PTRACE.DETACH, thread.tid, 0, signal);
    if (this.#showsNotice("attach")) this.#notify(`Process ${thread.tid} detached`);
    this.#forget(thread);
  }
}

/** How exactly delays are kept. */
const PAUSE_MS = 0.2;
const CORE_DUMPED = 0x80;

function endingText(ending: Ending, status: number): string {
  if (ending.kind === "exit") return `exited with ${ending.code}`;
  const core = (status & CORE_DUMPED) === 0 ? "" : " (core dumped)";
  return `killed by ${signalText(ending.signal)}${core}`;
}
