/**
 * Supervision by seccomp user notification: a call that the filter picks waits in the kernel until it is answered.
 * Nothing else about the processes is changed: they can be traced, run setuid programs, and see no stops.
 *
 * Fails closed: what cannot be answered is refused with EPERM, and when this process is gone the kernel answers
 * ENOSYS to all calls that the filter picks.
 */

import { ERESTARTNOINTR, ESRCH } from "../../../base/linux-abi.ts";
import {
  type Ending,
  EPERM,
  endingOf,
  type FdWatch,
  kernel,
  kill,
  NotifyListener,
  SIGKILL,
  syscall,
  X64,
} from "../../../sys/index.ts";
import { TracedCall } from "../call/traced-call.ts";
import {
  type Former,
  type Outcome,
  type SuspendOrder,
  whenAnswered,
  whenResumed,
} from "../decide.ts";
import { isHeld } from "../launch/held.ts";
import type { CallRules } from "../rule-index.ts";
import {
  abiOf,
  type Finished,
  type Supervision,
  type Supervisor,
  TURN_MS,
} from "../supervision.ts";
import { nextSuspension, questionAbout, stoppedText } from "../suspended.ts";
import type { Task } from "../task/task.ts";
import { stopForOrder } from "../timeout.ts";

const MOST_YIELDS = 8;
const REAP_MS = 1;
/** Of these, how many at a guard that is kept from saying how the command has ended: somebody may trace it. */
const MOST_LOOKS = 10_000;

/** A call that waits for our answer. */
interface WaitingCall {
  readonly id: bigint;
  readonly ip: number;
  readonly call: TracedCall;
  readonly rules: CallRules;
}

interface PutOff {
  readonly ip: number;
  readonly former: Former;
}

export class NotifyEngine implements Supervisor {
  readonly #supervision: Supervision;
  readonly #listener: NotifyListener;
  readonly #done = Promise.withResolvers<Finished>();
  #listenerWatch: FdWatch | undefined;
  #pidfdWatch: FdWatch | undefined;
  /** It ended before it could be watched. */
  #endedUnseen = false;
  /** Calls that will be made again when the process continues. */
  readonly #putOff = new WeakMap<Task, PutOff>();
  #yields = MOST_YIELDS;
  #ending: Ending | undefined;
  #isHungUp = false;
  #looks = 0;
  #isClosed = false;

  constructor(supervision: Supervision) {
    this.#supervision = supervision;
    this.#listener = new NotifyListener(supervision.launched.listenerFd);
  }

  run(): Promise<Finished> {
    const { pid } = this.#supervision.launched;
    const pidfd = syscall(X64.pidfd_open, pid, 0);
    this.#listenerWatch = kernel().watch(this.#listener.fd, () => this.#guard(() => this.#drain()));
    if (pidfd >= 0) this.#pidfdWatch = kernel().watch(pidfd, () => this.#guard(() => this.#reap()));
    this.#endedUnseen = pidfd === -ESRCH;
    // the guard has waited for it
    if (this.#endedUnseen) this.#guard(() => this.#reap());
    return this.#done.promise;
  }

  kill(): void {
    // the command first: it would see the others end, and do what comes next
    const { guard, pid } = this.#supervision.launched;
    if (guard?.hasReaped !== true) kill(pid, SIGKILL);
    for (const tid of this.#supervision.context.tasks.living()) kill(tid, SIGKILL);
  }

  /** A bug of ours must not let a call through: everything that we know of dies. */
  #guard(body: () => void): void {
    if (this.#isClosed) return;
    try {
      body();
    } catch (error) {
      this.kill();
      this.#close();
      this.#done.reject(error);
    }
  }

  #drain(): void {
    const end = performance.now() + TURN_MS;
    let yields = 0;
    do {
      const state = this.#listener.state();
      if (state === "empty" && yields < this.#yields) {
        // the next call often comes at once: waking up from sleep would cost more than waiting for it
        yields++;
        syscall(X64.sched_yield);
        continue;
      }
      if (state === "hangup") {
        this.#isHungUp = true;
        this.#listenerWatch?.stop();
        this.#reap();
        return;
      }
      if (state === "empty") {
        this.#yields = Math.max(1, this.#yields >> 1);
        return;
      }
      if (yields > 0) this.#yields = MOST_YIELDS;
      yields = 0;
      if (this.#listener.receive()) this.#answer();
    } while (performance.now() < end);
  }

  /** The guard says how the command ended; our own end is when no process is left that the filter applies to. */
  #reap(): void {
    if (this.#isClosed) return;
    const { guard, execErrno, pid } = this.#supervision.launched;
    if (this.#ending === undefined) {
      const status = guard?.status();
      if (status !== undefined) {
        this.#ending = endingOf(status);
        this.#supervision.rootEnded(this.#ending);
        this.#pidfdWatch?.stop();
      }
    }
    if (this.#ending === undefined) {
      if (!this.#isHungUp && !this.#endedUnseen) return;
      // it has not got to it yet, or the command has stopped it
      if (guard !== undefined && isHeld(guard.pid, pid)) this.#looks++;
      if (this.#looks <= MOST_LOOKS) guard?.resume();
      else guard?.end();
      setTimeout(() => this.#guard(() => this.#reap()), REAP_MS);
      return;
    }
    if (!this.#isHungUp) return;
    const finished = { ending: this.#ending, execErrno: execErrno() };
    this.#close();
    this.#done.resolve(finished);
  }

  #answer(): void {
    const { index, context, watched, rootChanging, refusal } = this.#supervision;
    const { id, tid, nr, arch, args } = this.#listener;
    const abi = abiOf(arch);
    if (rootChanging[abi].has(nr)) context.paths.rootsMayDiffer();
    const refused = refusal({ abi, nr, args, tid });
    if (refused !== undefined) {
      this.#listener.fail(id, refused);
      return;
    }
    const rules = index.find(abi, nr);
    if (rules === undefined) {
      // a watched call: what it changes is read again before it is used
      context.tasks.forgetCredentials(tid);
      if (this.#supervision.isOnSct({ abi, nr, args, tid })) this.#listener.fail(id, EPERM);
      else this.#listener.allow(id);
      return;
    }
    const seen = context.tasks.see(tid);
    if (seen === undefined) {
      // gone, or hidden from us: then nothing can be decided
      this.#listener.fail(id, EPERM);
      return;
    }
    const call = new TracedCall(rules.name, { nr, abi, args }, seen, context);
    const { ip } = this.#listener;
    this.#decide({ id, ip, call, rules }, this.#formerOf(call, ip));
    if (watched[abi].has(nr)) context.tasks.forgetCredentials(tid);
  }

  /** The same call, if it is the one that was put off. Calls of signal handlers leave that one waiting. */
  #formerOf(call: TracedCall, ip: number): Former | undefined {
    const putOff = this.#putOff.get(call.task);
    if (putOff?.ip !== ip || !putOff.former.call.hasRegistersOf(call)) return undefined;
    this.#putOff.delete(call.task);
    return putOff.former;
  }

  #decide(waiting: WaitingCall, former: Former | undefined): void {
    const { call, rules } = waiting;
    // where it throws, no answer is given before all are killed: a process that gets one may do more until then
    const outcome = this.#supervision.decider.decide(rules.before, call, { former });
    const order = nextSuspension(outcome, this.#supervision.queue);
    if (order === undefined) this.#finish(waiting, outcome);
    else this.#suspend(waiting, outcome, order);
  }

  #finish({ id, call }: WaitingCall, { kill: isKilled, errno }: Outcome): void {
    if (isKilled) {
      // killed by somebody else meanwhile, its number may be another process's
      if (this.#listener.isValid(id)) kill(call.pid, SIGKILL);
      this.#listener.fail(id, EPERM);
    } else if (errno !== 0) this.#listener.fail(id, errno);
    else if (this.#supervision.isOnSct(call)) this.#listener.fail(id, EPERM);
    else this.#listener.allow(id);
  }

  #suspend(waiting: WaitingCall, outcome: Outcome, order: SuspendOrder): void {
    const { queue, report } = this.#supervision;
    const { id, ip, call } = waiting;
    const { rule } = order;
    const former = whenResumed(call, outcome, rule);
    if (queue === undefined) {
      const text = stoppedText(order, call, "before");
      this.#putOff.set(call.task, { ip, former });
      // before the answer: the signal has to wait for the thread then
      if (this.#listener.isValid(id)) stopForOrder(call, order);
      this.#listener.fail(id, ERESTARTNOINTR);
      // a reader of the line may be quick to send SIGCONT
      report(text);
      return;
    }
    const question = questionAbout(order, call);
    queue.hold({
      order,
      question,
      resume: (answer) =>
        this.#guard(() => {
          if (order.denied !== undefined) {
            const isAllowed = answer === "allow";
            const known = whenAnswered(call, outcome, order, isAllowed);
            // what was asked about may be something else by now
            if (this.#listener.isValid(id))
              this.#decide(isAllowed ? { ...waiting, call: call.again() } : waiting, known);
          } else if (answer === "fail") this.#listener.fail(id, outcome.errno || EPERM);
          else if (answer === "kill") this.#finish(waiting, { ...outcome, kill: true });
          else if (this.#listener.isValid(id))
            this.#decide({ ...waiting, call: call.again() }, former);
        }),
    });
  }

  #close(): void {
    this.#isClosed = true;
    this.#listenerWatch?.stop();
    this.#pidfdWatch?.stop();
    this.#listener.close();
    this.#supervision.launched.guard?.close();
  }
}
