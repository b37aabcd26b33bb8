/**
 * A signal may end the call that it interrupts, or the call is made again: that is known when its handler begins. So such
 * a signal is delivered by a single step, which stops at the handler's first instruction. Without a handler there is none,
 * and a step would be one over the call that is made again.
 */
import { readFileSync } from "node:fs";
import { PTRACE, ptrace, SIGTRAP } from "../../sys/index.ts";
import type { CallStops } from "./call-stops.ts";
import type { RegisterAccess } from "./registers.ts";
import type { Tracee } from "./tracee.ts";

/** si_code: the kernel reports a stop of its own as its exit code. */
const HANDLER_BEGINS = SIGTRAP;
const TRAP_TRACE = 2;

export class SignalDelivery {
  readonly #registers: RegisterAccess;
  readonly #calls: CallStops;

  constructor(registers: RegisterAccess, calls: CallStops) {
    this.#registers = registers;
    this.#calls = calls;
  }

  /** Asked at each stop: whether a delivery has caused it, and it is nobody's signal. */
  hasCaused(tracee: Tracee, signal: number): boolean {
    const wasStepping = tracee.isStepping;
    tracee.isStepping = false;
    if (!wasStepping || signal !== SIGTRAP) return false;
    const code = this.#registers.signalCode(tracee.tid);
    if (code === HANDLER_BEGINS) this.#calls.handlerBegins(tracee);
    return code === HANDLER_BEGINS || code === TRAP_TRACE;
  }

  /** Lets the thread run with the signal; false: it is like any other. */
  deliver(tracee: Tracee, signal: number): boolean {
    if (tracee.repeats.open === undefined || !hasHandler(tracee.tid, signal)) return false;
    tracee.isStepping = true;
    ptrace(PTRACE.SINGLESTEP, tracee.tid, 0, signal);
    return true;
  }
}

function hasHandler(tid: number, signal: number): boolean {
  let status: string;
  try {
    status = readFileSync(`/proc/${tid}/status`, "latin1");
  } catch {
    return false;
  }
  const [, caught = "0"] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return ((BigInt(`0x${caught}`) >> BigInt(signal - 1)) & 1n) === 1n;
}
