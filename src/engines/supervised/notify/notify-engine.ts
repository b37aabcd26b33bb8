/**
 * Supervision by seccomp user notification: a call that the filter picks waits in the kernel until it is answered.
 * Nothing else about the processes is changed: they can be traced, run setuid programs, and see no stops.
 *
 * Fails closed: what cannot be answered is refused with EPERM, and when this process is gone the kernel answers
 * ENOSYS to all calls that the filter picks.
 */
import {
  type Ending,
  endingOf,
  kernel,
  kill,
  NotifyListener,
  SIGKILL,
  SIGSTOP,
  syscall,
  Waiter,
  type Watch,
  X64,
} from "../../../sys/index.ts";
import { describeCall } from "../call/describe-call.ts";
import { TracedCall } from "../call/traced-call.ts";
import type { Outcome, SuspendOrder } from "../decide.ts";
import {
  abiOf,
  EPERM,
  type Finished,
  type Mechanic,
  type Supervision,
  TURN_MS,
} from "../supervision.ts";

/** The kernel makes the call again after the process has been stopped and continued. */
const ERESTARTNOINTR = 513;
const SIGCONT = 18;
const MOST_YIELDS = 8;

export class NotifyEngine implements Mechanic {
  readonly #it: Supervision;
  readonly #listener: NotifyListener;
  readonly #waiter = new Waiter();
  readonly #done = Promise.withResolvers<Finished>();
  readonly #watches: Watch[] = [];
  #yields = MOST_YIELDS;
  #ending: Ending | undefined;
  #isHungUp = false;
  #isClosed = false;

  constructor(supervision: Supervision) {
    this.#it = supervision;
    this.#listener = new NotifyListener(supervision.launched.listenerFd);
  }

  run(): Promise<Finished> {
    const { pid } = this.#it.launched;
    const pidfd = syscall(X64.pidfd_open, pid, 0);
    this.#watches.push(kernel().watch(this.#listener.fd, () => this.#guard(() => this.#drain())));
    if (pidfd >= 0)
      this.#watches.push(kernel().watch(pidfd, () => this.#guard(() => this.#reap())));
    return this.#done.promise;
  }

  /** A bug of ours must not let a call through: everything that we know of dies. */
  #guard(body: () => void): void {
    if (this.#isClosed) return;
    try {
      body();
    } catch (error) {
      for (const tid of this.#it.around.tasks.tids()) kill(tid, SIGKILL);
      kill(this.#it.launched.pid, SIGKILL);
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
        this.#watches.shift()?.stop();
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

  /** The command itself is our child, alone among its descendants. */
  #reap(): void {
    const { pid } = this.#it.launched;
    if (this.#ending === undefined && this.#waiter.poll(pid) === pid) {
      this.#ending = endingOf(this.#waiter.status);
      this.#watches.pop()?.stop();
    }
    if (this.#ending === undefined || !this.#isHungUp) return;
    const finished = { ending: this.#ending, execErrno: this.#it.launched.execErrno() };
    this.#close();
    this.#done.resolve(finished);
  }

  #answer(): void {
    const { index, around, decider, watched, refusal } = this.#it;
    const { id, tid, nr, arch, args } = this.#listener;
    const abi = abiOf(arch);
    const refused = refusal({ abi, nr, tid });
    if (refused !== undefined) {
      this.#listener.fail(id, refused);
      return;
    }
    const rules = index.find(abi, nr);
    if (rules === undefined) {
      // a watched call: what it changes is read again before it is used
      around.tasks.forgetCredentials(tid);
      this.#listener.allow(id);
      return;
    }
    const seen = around.tasks.see(tid);
    if (seen?.task.hasPass && seen.task.takePass(passOf(nr, args))) {
      this.#listener.allow(id);
      return;
    }
    if (seen === undefined) {
      // gone, or hidden from us: then nothing can be decided
      this.#listener.fail(id, EPERM);
      return;
    }
    let outcome: Outcome;
    const call = new TracedCall(rules.name, { nr, abi, args }, seen, around);
    try {
      outcome = decider.decide(rules.before, call);
    } catch (error) {
      this.#listener.fail(id, EPERM);
      throw error;
    }
    if (watched[abi].has(nr)) seen.task.forgetCredentials();
    if (outcome.suspend !== undefined) this.#suspend(id, call, outcome, outcome.suspend);
    else this.#finish(id, call, outcome);
  }

  #finish(id: bigint, call: TracedCall, { kill: isKilled, errno }: Outcome): void {
    if (isKilled) {
      kill(call.pid, SIGKILL);
      this.#listener.fail(id, EPERM);
    } else if (errno !== 0) this.#listener.fail(id, errno);
    else this.#listener.allow(id);
  }

  #suspend(id: bigint, call: TracedCall, outcome: Outcome, order: SuspendOrder): void {
    const { queue, tell } = this.#it;
    const { rule } = order;
    if (queue === undefined) {
      const { timeoutNs } = order;
      tell(
        `rule '${rule.name}' stopped process ${call.pid} before ${describeCall(call)}: kill -CONT ${call.pid} lets it go on`,
      );
      // a call that fails afterwards is not made again
      const failsAfterwards = outcome.kill || outcome.errno !== 0;
      if (!failsAfterwards) call.task.givePass(passOf(call.nr, call.args));
      kill(call.pid, SIGSTOP);
      if (failsAfterwards) this.#finish(id, call, outcome);
      else this.#listener.fail(id, ERESTARTNOINTR);
      if (timeoutNs !== undefined)
        setTimeout(() => kill(call.pid, SIGCONT), Number(timeoutNs / 1_000_000n)).unref();
      return;
    }
    if (queue.isAllowed(rule.name)) {
      this.#finish(id, call, outcome);
      return;
    }
    const question = {
      rule: rule.name,
      pid: call.pid,
      comm: Buffer.from(call.comm).toString(),
      call: describeCall(call),
    };
    queue.hold({
      order,
      question,
      resume: (answer) =>
        this.#guard(() => {
          if (answer === "fail") this.#listener.fail(id, outcome.errno || EPERM);
          else this.#finish(id, call, answer === "kill" ? { ...outcome, kill: true } : outcome);
        }),
    });
  }

  #close(): void {
    this.#isClosed = true;
    for (const watch of this.#watches) watch.stop();
    this.#listener.close();
    this.#waiter.close();
  }
}

function passOf(nr: number, args: BigUint64Array): string {
  return `${nr}:${args.join()}`;
}
