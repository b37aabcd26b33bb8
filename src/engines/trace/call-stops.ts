/** What happens at the two stops of a call: before it is made, and when it returns. */

import { ERESTART_RESTARTBLOCK, ERESTARTSYS, MAX_ERRNO } from "../../base/linux-abi.ts";
import { evaluateInt } from "../../language/index.ts";
import { byAbi, findCall, vocabulary } from "../../linux/index.ts";
import { EINTR, EPERM, kill, Reg, SIGKILL } from "../../sys/index.ts";
import { describeCall } from "../supervised/call/describe-call.ts";
import { TracedCall } from "../supervised/call/traced-call.ts";
import {
  type Former,
  type Outcome,
  type RewriteOrder,
  type SuspendOrder,
  whenAnswered,
  whenResumed,
} from "../supervised/decide.ts";
import type { CallRules } from "../supervised/rule-index.ts";
import type { CallHandling } from "../supervised/supervision.ts";
import { nextSuspension, questionAbout, stoppedText } from "../supervised/suspended.ts";
import { stopForOrder } from "../supervised/timeout.ts";
import { Births } from "./births.ts";
import { looksBackOnly } from "./looks-back.ts";
import type { CallPlace, PendingCall } from "./pending.ts";
import { ARGUMENT_REGISTERS, type RegisterAccess } from "./registers.ts";
import { needsScratch, Rewriter } from "./rewrite.ts";
import { Scratch, type ScratchSpace, scratchCall } from "./scratch.ts";
import { ScratchPool } from "./scratch-pool.ts";
import type { Tracee } from "./tracee.ts";

/** Results by which the kernel makes the call again, or the program sees EINTR. */
const FIRST_RESTART = -ERESTART_RESTARTBLOCK;
const LAST_RESTART = -ERESTARTSYS;
/** Continues with a call that a stop has interrupted, from what the kernel remembers of it. */
export const RESTART_SYSCALL = byAbi((abi) => findCall("restart_syscall", abi)?.nr ?? -1);
const UNCHANGED: ReadonlyMap<number, bigint> = new Map();

/** A call that is about to be made. */
interface EnteredCall {
  readonly tracee: Tracee;
  readonly call: TracedCall;
  readonly rules: CallRules;
  readonly place: CallPlace;
  /** When it was made first. */
  readonly startNs: bigint | undefined;
}

/** A call that needs scratch memory where none is free. */
interface UnplacedCall {
  readonly former: Former;
  readonly place: CallPlace;
  readonly space: ScratchSpace;
}

export class CallStops {
  readonly #handling: CallHandling;
  readonly #registers: RegisterAccess;
  readonly #resume: (tracee: Tracee) => void;
  readonly #guard: (body: () => void) => void;
  readonly #known = new Map<CallRules, boolean>();
  readonly #scratches = new ScratchPool();
  readonly births: Births;

  /** `guard` is for what is called from the event loop later: it keeps a bug of ours from leaving a call to itself. */
  constructor(
    handling: CallHandling,
    registers: RegisterAccess,
    resume: (tracee: Tracee) => void,
    guard: (body: () => void) => void,
  ) {
    this.#handling = handling;
    this.#registers = registers;
    this.#resume = resume;
    this.#guard = guard;
    this.births = new Births((tid, restore) => this.#restore(tid, restore));
  }

  /** At the stop before a call. */
  entered(tracee: Tracee): void {
    const { index, context, watched, rootChanging, refusal } = this.#handling;
    const entry = this.#registers.readEntry(tracee.tid);
    if (entry === undefined) return;
    const { nr, abi } = entry;
    const { args } = this.#registers;
    const refused = refusal({ abi, nr, args, tid: tracee.tid });
    if (refused !== undefined) {
      if (this.#registers.skipCall(tracee.tid, BigInt(-refused))) this.#resume(tracee);
      return;
    }
    if (rootChanging[abi].has(nr)) context.paths.rootsMayDiffer();
    if (watched[abi].has(nr)) context.tasks.forgetCredentials(tracee.tid);
    const { place } = this.#registers;
    if (nr === RESTART_SYSCALL[abi]) {
      const pending = tracee.repeats.takeInterrupted(place);
      if (pending !== undefined) {
        tracee.pending = { ...pending, restore: UNCHANGED };
        this.#resume(tracee);
        return;
      }
    }
    const rules = index.find(abi, nr);
    const seen = rules && context.tasks.see(tracee.tid);
    if (rules === undefined || seen === undefined) {
      // nobody is there to refuse the call to when the thread is gone
      if (rules !== undefined || this.#handling.isOnSct({ abi, nr, args, tid: tracee.tid }))
        this.#registers.skipCall(tracee.tid, BigInt(-EPERM));
      this.#resume(tracee);
      return;
    }
    const call = new TracedCall(rules.name, { nr, abi, args }, seen, context);
    const repeat = tracee.repeats.take(call, place);
    const startNs = repeat?.interrupted?.startNs;
    this.#decide({ tracee, call, rules, place, startNs }, repeat?.former);
  }

  /** The process of the thread has executed, by the thread or by another one, whose call now ends in this one. */
  executed(tracee: Tracee, caller: Tracee | undefined): void {
    const { tasks } = this.#handling.context;
    this.#scratches.left(tracee.tid, tracee.scratch);
    if (caller !== undefined && caller !== tracee) this.#scratches.left(caller.tid, caller.scratch);
    if (caller !== tracee) {
      tracee.pending = caller?.pending;
      const seen = tracee.pending && tasks.see(tracee.tid);
      if (seen !== undefined) tracee.pending?.former.call.movesTo(seen.task);
    }
    tracee.executed();
  }

  ended(tid: number, tracee: Tracee | undefined): void {
    this.#scratches.left(tid, tracee?.scratch);
    this.births.ended(tid);
  }

  #restore(tid: number, registers: PendingCall["restore"]): void {
    for (const [register, value] of registers) this.#registers.poke(tid, register, value);
  }

  /** At the stop where a call returns. */
  returned(tracee: Tracee): void {
    const { pending, detour } = tracee;
    const retval = this.#registers.readReturn(tracee.tid);
    if (retval === undefined) return;
    if (detour !== undefined) {
      tracee.detour = undefined;
      detour.arrived(Number(retval));
      return;
    }
    tracee.pending = undefined;
    if (pending === undefined) {
      this.#resume(tracee);
      return;
    }
    const { former, rules, place, startNs, restore } = pending;
    const { call } = former;
    this.#restore(tracee.tid, restore);
    this.births.over(tracee.tid);
    if (retval >= FIRST_RESTART && retval <= LAST_RESTART) {
      tracee.repeats.add({ former, place, interrupted: pending });
      this.#resume(tracee);
      return;
    }
    const durationNs = process.hrtime.bigint() - startNs;
    if (!this.#looksBack(rules)) {
      this.#after(tracee, call, rules, retval, durationNs);
      this.#resume(tracee);
      return;
    }
    // read now if they are not known yet
    call.credentials();
    this.#resume(tracee);
    this.#after(tracee, call, rules, retval, durationNs);
  }

  /** Whether nothing of the thread is needed any more. */
  #looksBack(rules: CallRules): boolean {
    let known = this.#known.get(rules);
    if (known === undefined) {
      known = looksBackOnly(rules.after, this.#handling.needs);
      this.#known.set(rules, known);
    }
    return known;
  }

  /** At the first instruction of a signal handler: whether the call that the signal interrupted is over. */
  handlerBegins(tracee: Tracee): void {
    const pending = tracee.repeats.open;
    const saved = this.#registers.savedResult(tracee.tid);
    if (pending === undefined || saved === undefined) return;
    const { memory } = this.#handling.context;
    const result = memory.read(tracee.tid, saved.address, 4);
    if (result === undefined || Buffer.from(result).readInt32LE() !== -EINTR) {
      tracee.repeats.settle();
      return;
    }
    tracee.repeats.drop();
    this.#endedEarly(tracee, pending, (value) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt.asIntN(64, value));
      memory.write(tracee.tid, saved.address, bytes.subarray(0, saved.size));
    });
  }

  #endedEarly(tracee: Tracee, { former, rules, startNs }: PendingCall, setResult: SetResult): void {
    const durationNs = process.hrtime.bigint() - startNs;
    this.#after(tracee, former.call, rules, BigInt(-EINTR), durationNs, setResult);
  }

  #decide(entered: EnteredCall, former: Former | undefined): void {
    const outcome = this.#handling.decider.decide(entered.rules.before, entered.call, { former });
    const order = nextSuspension(outcome, this.#handling.queue);
    if (order === undefined) this.#carryOut(entered, outcome);
    else this.#suspend(entered, outcome, order);
  }

  #carryOut(entered: EnteredCall, outcome: Outcome): void {
    const { tracee, call, rules } = entered;
    if (outcome.kill) {
      kill(call.pid, SIGKILL);
      return;
    }
    const errno = outcome.errno === 0 && this.#handling.isOnSct(call) ? EPERM : outcome.errno;
    if (errno === 0) {
      this.#run(entered, outcome);
      return;
    }
    const result = BigInt(-errno);
    if (!this.#registers.skipCall(tracee.tid, result)) return;
    // rules that look at results see this one too
    this.#after(tracee, call, rules, result, 0n);
    this.#resume(tracee);
  }

  #run(entered: EnteredCall, outcome: Outcome): void {
    const { tracee, call, rules, place } = entered;
    const { rewrites, acted, resumed, lifted } = outcome;
    const former: Former = { call, acted, resumed, lifted };
    if (needsScratch(rewrites) && tracee.scratch?.abi !== call.abi) {
      const space = this.#scratches.spaceOf(call.pid, call.credentials()?.ppid);
      const at = space.findIndex(({ abi }) => abi === call.abi);
      const [free] = at < 0 ? [] : space.splice(at, 1);
      if (free === undefined) {
        this.#mapScratch(tracee, { former, place, space });
        return;
      }
      tracee.useScratch(free);
    }
    if (rules.after.length > 0) call.remember(rules.after);
    const restore = this.#rewrite(tracee, call, rewrites);
    if (restore === undefined) {
      this.#handling.report(`${describeCall(call)} cannot be rewritten: refused`);
      this.#registers.skipCall(tracee.tid, BigInt(-EPERM));
      this.#resume(tracee);
      return;
    }
    if (this.#handling.watched[call.abi].has(call.nr)) call.task.forgetCredentials();
    const { startNs = process.hrtime.bigint() } = entered;
    if (rules.after.length > 0 || restore.size > 0)
      tracee.pending = { former, rules, place, startNs, restore };
    if (restore.size > 0) this.births.mayMake(tracee.tid, call.name, restore);
    this.#resume(tracee);
  }

  /** Registers to put back when the call returns; undefined: it cannot be done. */
  #rewrite(
    tracee: Tracee,
    call: TracedCall,
    orders: readonly RewriteOrder[],
  ): ReadonlyMap<number, bigint> | undefined {
    const restore = new Map<number, bigint>();
    if (orders.length === 0) return restore;
    tracee.scratch?.reset();
    const rewriter = new Rewriter(call, tracee.scratch, vocabulary);
    if (!orders.every((order) => rewriter.apply(order)) || !rewriter.finish()) return undefined;
    for (const [arg, value] of rewriter.changed) {
      const register = ARGUMENT_REGISTERS[call.abi][arg];
      if (register === undefined || !this.#registers.poke(tracee.tid, register, value))
        return undefined;
      restore.set(register, call.args[arg] ?? 0n);
    }
    return restore;
  }

  /** The thread maps memory first, then makes its own call again. */
  #mapScratch(tracee: Tracee, { former, place, space }: UnplacedCall): void {
    const { tid } = tracee;
    const { call } = former;
    const { nr, args } = scratchCall(call.abi, this.#registers.is64Bit(tid));
    const saved = this.#registers.replaceCall(tid, call.abi, nr, args);
    if (saved === undefined) return;
    tracee.detour = {
      arrived: (result) => {
        const isMapped = result > 0 || result < -MAX_ERRNO;
        if (!isMapped) {
          this.#handling.report(`process ${call.pid} has no memory for a rewritten call: refused`);
          this.#registers.restoreReturn(tid, saved, BigInt(-EPERM));
          this.#resume(tracee);
          return;
        }
        tracee.useScratch(new Scratch(call.abi, space, result));
        tracee.repeats.add({ former, place, interrupted: undefined });
        this.#registers.rewind(tid, saved);
        this.#resume(tracee);
      },
    };
    this.#resume(tracee);
  }

  #after(
    tracee: Tracee,
    call: TracedCall,
    rules: CallRules,
    retval: bigint,
    durationNs: bigint,
    setResult: SetResult = (value) => this.#registers.poke(tracee.tid, Reg.rax, value),
  ): void {
    if (rules.after.length === 0) return;
    call.returned(retval, durationNs);
    const outcome = this.#handling.decider.decide(rules.after, call);
    for (const { acting, action } of outcome.rewrites) {
      for (const { target, value } of action.assignments) {
        if (target.kind !== "retval" || value.kind !== "int") continue;
        const result = evaluateInt(value.value, acting.call, vocabulary);
        if (typeof result === "bigint") setResult(result);
      }
    }
    const [suspend] = outcome.suspends;
    if (outcome.kill) kill(call.pid, SIGKILL);
    else if (suspend !== undefined) {
      stopForOrder(call, suspend);
      // a reader of the line may be quick to send SIGCONT
      this.#handling.report(stoppedText(suspend, call, "after"));
    }
  }

  #suspend(entered: EnteredCall, outcome: Outcome, order: SuspendOrder): void {
    const { tracee, call, place } = entered;
    const { queue, report } = this.#handling;
    const { rule } = order;
    const former = whenResumed(call, outcome, rule);
    if (queue === undefined) {
      const text = stoppedText(order, call, "before");
      // before the thread continues: sent later, the signal could come after the call
      stopForOrder(call, order);
      // the process stops before it makes the call again, which is decided then
      tracee.repeats.add({ former, place, interrupted: undefined });
      this.#registers.rewind(tracee.tid);
      this.#resume(tracee);
      // a reader of the line may be quick to send SIGCONT
      report(text);
      return;
    }
    const question = questionAbout(order, call);
    // meanwhile the thread stays where it is
    queue.hold({
      order,
      question,
      resume: (answer) =>
        this.#guard(() => {
          if (this.#registers.readEntry(tracee.tid) === undefined) return;
          if (order.denied !== undefined) {
            const isAllowed = answer === "allow";
            const known = whenAnswered(call, outcome, order, isAllowed);
            // what was asked about may be something else by now
            this.#decide(isAllowed ? { ...entered, call: call.again() } : entered, known);
          } else if (answer === "allow") this.#decide({ ...entered, call: call.again() }, former);
          else if (answer === "kill") this.#carryOut(entered, { ...outcome, kill: true });
          else this.#carryOut(entered, { ...outcome, errno: outcome.errno || EPERM });
        }),
    });
  }
}

type SetResult = (value: bigint) => void;
