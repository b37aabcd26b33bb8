/** What happens at the two stops of a call: before it is made, and when it returns. */
import { evaluateInt } from "../../../language/index.ts";
import { kill, Reg, SIGKILL, SIGSTOP } from "../../../sys/index.ts";
import { vocabulary } from "../../../syscalls/index.ts";
import { describeCall } from "../call/describe-call.ts";
import { TracedCall } from "../call/traced-call.ts";
import type { Outcome, RewriteOrder, SuspendOrder } from "../decide.ts";
import type { CallRules } from "../rule-index.ts";
import { EPERM, type Supervision } from "../supervision.ts";
import { looksBackOnly } from "./looks-back.ts";
import { ARGUMENT_REGISTERS, type RegisterAccess } from "./registers.ts";
import { needsScratch, Rewriter } from "./rewrite.ts";
import { Scratch, scratchCall } from "./scratch.ts";
import type { Tracee } from "./tracee.ts";

const SIGCONT = 18;
/** ERESTARTSYS to ERESTART_RESTARTBLOCK: the kernel makes the call again, or the program sees EINTR. */
const FIRST_RESTART = -516n;
const LAST_RESTART = -512n;
const FIRST_ERROR = -4095n;

export class CallStops {
  readonly #it: Supervision;
  readonly #registers: RegisterAccess;
  readonly #goOn: (tracee: Tracee) => void;
  readonly #known = new Map<CallRules, boolean>();

  constructor(supervision: Supervision, registers: RegisterAccess, goOn: (tracee: Tracee) => void) {
    this.#it = supervision;
    this.#registers = registers;
    this.#goOn = goOn;
  }

  /** At the stop before a call. */
  entered(tracee: Tracee): void {
    const { index, around, decider, watched, refusal } = this.#it;
    const entry = this.#registers.readEntry(tracee.tid);
    if (entry === undefined) return;
    const { nr, abi } = entry;
    const { args } = this.#registers;
    const refused = refusal({ abi, nr, tid: tracee.tid });
    if (refused !== undefined) {
      if (this.#registers.skipCall(tracee.tid, BigInt(-refused))) this.#goOn(tracee);
      return;
    }
    if (watched[abi].has(nr)) around.tasks.forgetCredentials(tracee.tid);
    const rules = index.find(abi, nr);
    const seen = rules && around.tasks.see(tracee.tid);
    if (rules === undefined || seen === undefined) {
      // nobody is there to refuse the call to when the thread is gone
      if (rules !== undefined) this.#registers.skipCall(tracee.tid, BigInt(-EPERM));
      this.#goOn(tracee);
      return;
    }
    const call = new TracedCall(rules.name, { nr, abi, args }, seen, around);
    const decided = tracee.takeDecided(call);
    if (decided !== undefined) {
      this.#run(tracee, decided.call, rules, decided.orders);
      return;
    }
    const outcome = decider.decide(rules.before, call);
    if (watched[abi].has(nr)) seen.task.forgetCredentials();
    if (outcome.suspend === undefined) this.#carryOut(tracee, call, rules, outcome);
    else this.#suspend(tracee, call, rules, outcome, outcome.suspend);
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
      this.#goOn(tracee);
      return;
    }
    const { call, rules, startNs, restore } = pending;
    for (const [register, value] of restore) this.#registers.poke(tracee.tid, register, value);
    if (retval >= FIRST_RESTART && retval <= LAST_RESTART) {
      // the `before` rules have acted on it
      tracee.decided = { call, orders: pending.orders };
      this.#goOn(tracee);
      return;
    }
    const durationNs = process.hrtime.bigint() - startNs;
    if (!this.#looksBack(rules)) {
      this.#after(tracee, call, rules, retval, durationNs);
      this.#goOn(tracee);
      return;
    }
    // read now if they are not known yet
    call.task.credentials();
    this.#goOn(tracee);
    this.#after(tracee, call, rules, retval, durationNs);
  }

  /** Whether nothing of the thread is needed any more. */
  #looksBack(rules: CallRules): boolean {
    let known = this.#known.get(rules);
    if (known === undefined) {
      known = looksBackOnly(rules.after, this.#it.needs);
      this.#known.set(rules, known);
    }
    return known;
  }

  #carryOut(tracee: Tracee, call: TracedCall, rules: CallRules, outcome: Outcome): void {
    if (outcome.kill) {
      kill(call.pid, SIGKILL);
      return;
    }
    if (outcome.errno === 0) {
      this.#run(tracee, call, rules, outcome.rewrites);
      return;
    }
    const result = BigInt(-outcome.errno);
    if (!this.#registers.skipCall(tracee.tid, result)) return;
    // who looks at results sees this one too
    this.#after(tracee, call, rules, result, 0n);
    this.#goOn(tracee);
  }

  #run(tracee: Tracee, call: TracedCall, rules: CallRules, orders: readonly RewriteOrder[]): void {
    const isFitting = tracee.scratch !== undefined && tracee.scratch.abi === call.abi;
    if (needsScratch(orders) && !isFitting) {
      this.#mapScratch(tracee, call, orders);
      return;
    }
    if (rules.after.length > 0) call.remember(rules.after);
    const restore = this.#rewrite(tracee, call, orders);
    if (restore === undefined) {
      this.#it.tell(`${describeCall(call)} cannot be rewritten: refused`);
      this.#registers.skipCall(tracee.tid, BigInt(-EPERM));
      this.#goOn(tracee);
      return;
    }
    if (rules.after.length > 0 || restore.size > 0)
      tracee.pending = { call, rules, orders, startNs: process.hrtime.bigint(), restore };
    this.#goOn(tracee);
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
  #mapScratch(tracee: Tracee, call: TracedCall, orders: readonly RewriteOrder[]): void {
    const { tid } = tracee;
    const { nr, args } = scratchCall(call.abi, this.#registers.is64Bit(tid));
    const saved = this.#registers.replaceCall(tid, call.abi, nr, args);
    if (saved === undefined) return;
    tracee.detour = {
      arrived: (result) => {
        const isMapped = result > 0 || result < Number(FIRST_ERROR);
        if (!isMapped) {
          this.#it.tell(`process ${call.pid} has no memory for a rewritten call: refused`);
          this.#registers.restoreReturn(tid, saved, BigInt(-EPERM));
          this.#goOn(tracee);
          return;
        }
        tracee.scratch = new Scratch(call.abi, result);
        tracee.decided = { call, orders };
        this.#registers.rewind(tid, saved);
        this.#goOn(tracee);
      },
    };
    this.#goOn(tracee);
  }

  #after(
    tracee: Tracee,
    call: TracedCall,
    rules: CallRules,
    retval: bigint,
    durationNs: bigint,
  ): void {
    if (rules.after.length === 0) return;
    call.returned(retval);
    const outcome = this.#it.decider.decide(rules.after, call, durationNs);
    for (const { acting, action } of outcome.rewrites) {
      for (const { target, value } of action.assignments) {
        if (target.kind !== "retval" || value.kind !== "int") continue;
        const result = evaluateInt(value.value, acting.call, vocabulary);
        if (typeof result === "bigint") this.#registers.poke(tracee.tid, Reg.rax, result);
      }
    }
    if (outcome.kill) kill(call.pid, SIGKILL);
    else if (outcome.suspend !== undefined) {
      this.#it.tell(stoppedText(outcome.suspend, call, "after"));
      this.#stop(call, outcome.suspend);
    }
  }

  #suspend(
    tracee: Tracee,
    call: TracedCall,
    rules: CallRules,
    outcome: Outcome,
    order: SuspendOrder,
  ): void {
    const { queue, tell } = this.#it;
    const { rule } = order;
    if (queue === undefined) {
      tell(stoppedText(order, call, "before"));
      // before the thread goes on: sent later, the signal could come after the call
      this.#stop(call, order);
      if (outcome.kill || outcome.errno !== 0) this.#carryOut(tracee, call, rules, outcome);
      else {
        // the process stops before it makes the call again, which is decided then
        tracee.decided = { call, orders: outcome.rewrites };
        this.#registers.rewind(tracee.tid);
        this.#goOn(tracee);
      }
      return;
    }
    if (queue.isAllowed(rule.name)) {
      this.#carryOut(tracee, call, rules, outcome);
      return;
    }
    const question = {
      rule: rule.name,
      pid: call.pid,
      comm: Buffer.from(call.comm).toString(),
      call: describeCall(call),
    };
    // meanwhile the thread stays where it is
    queue.hold({
      order,
      question,
      resume: (answer) => {
        const errno = answer === "fail" ? outcome.errno || EPERM : outcome.errno;
        const isKilled = answer === "kill" || outcome.kill;
        this.#carryOut(tracee, call, rules, { ...outcome, errno, kill: isKilled });
      },
    });
  }

  #stop(call: TracedCall, { timeoutNs }: SuspendOrder): void {
    kill(call.pid, SIGSTOP);
    if (timeoutNs === undefined) return;
    setTimeout(() => kill(call.pid, SIGCONT), Number(timeoutNs / 1_000_000n)).unref();
  }
}

function stoppedText({ rule }: SuspendOrder, call: TracedCall, when: "before" | "after"): string {
  return `rule '${rule.name}' stopped process ${call.pid} ${when} ${describeCall(call)}: kill -CONT ${call.pid} lets it go on`;
}
