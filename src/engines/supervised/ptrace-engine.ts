/**
 * Supervision by ptrace: a call that the filter picks stops its thread (PTRACE_EVENT_SECCOMP); where a rule wants
 * the result, it stops once more when the call returns. Needed for `after` rules and REWRITE.
 *
 * Fails closed: a thread whose stop we cannot handle dies with all others (PTRACE_O_EXITKILL when we die), and
 * without a tracer the kernel answers ENOSYS to all calls that the filter picks.
 */
import { type Ending, endingOf, kill, SIGKILL } from "../../sys/index.ts";
import { TraceLoop } from "../trace/trace-loop.ts";
import type { Finished, Supervision, Supervisor } from "./supervision.ts";

export class PtraceEngine implements Supervisor {
  readonly #supervision: Supervision;
  readonly #loop: TraceLoop;
  readonly #done = Promise.withResolvers<Finished>();
  #ending: Ending | undefined;

  constructor(supervision: Supervision) {
    this.#supervision = supervision;
    this.#loop = new TraceLoop(supervision, {
      stopsAtEveryCall: false,
      entered: (tracee) => this.#loop.calls.entered(tracee),
      stopped: () => {},
      gone: (tid, status) => this.#gone(tid, status),
      finished: () => this.#finished(),
      failed: (error) => this.#failed(error),
    });
  }

  run(): Promise<Finished> {
    this.#loop.turn();
    return this.#done.promise;
  }

  #gone(tid: number, status: number | undefined): void {
    const { launched, rootEnded } = this.#supervision;
    if (status === undefined || tid !== launched.pid) return;
    this.#ending = endingOf(status);
    rootEnded(this.#ending);
  }

  #finished(): void {
    const { launched } = this.#supervision;
    if (this.#ending === undefined)
      this.#done.reject(new Error("the command was reaped by another"));
    else this.#done.resolve({ ending: this.#ending, execErrno: launched.execErrno() });
  }

  kill(): void {
    // the command first: it would see the others end, and do what comes next
    // once it is reaped, its number may be that of a stranger; those that are traced keep theirs
    if (this.#ending === undefined) kill(this.#supervision.launched.pid, SIGKILL);
    for (const tid of this.#loop.tids()) kill(tid, SIGKILL);
  }

  /** A call must not be let through unseen: everything that we know of dies. */
  #failed(error: unknown): void {
    this.kill();
    this.#done.reject(error);
  }
}
