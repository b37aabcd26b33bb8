/** State of one traced thread between its stops. */
import type { TracedCall } from "../call/traced-call.ts";
import type { RewriteOrder } from "../decide.ts";
import type { CallRules } from "../rule-index.ts";
import type { Scratch } from "./scratch.ts";

/** A call that runs and whose return we wait for. */
export interface Pending {
  readonly call: TracedCall;
  readonly rules: CallRules;
  readonly orders: readonly RewriteOrder[];
  readonly startNs: bigint;
  /** Registers that we changed, by their offset, with what the program had in them. */
  readonly restore: ReadonlyMap<number, bigint>;
}

/** Work of a call that we put in place of the program's own; `arrived` gets its result. */
export interface Detour {
  readonly arrived: (result: number) => void;
}

export interface Decided {
  readonly call: TracedCall;
  readonly orders: readonly RewriteOrder[];
}

export class Tracee {
  readonly tid: number;
  pending: Pending | undefined;
  detour: Detour | undefined;
  scratch: Scratch | undefined;
  /** A call that will be made again although it was decided: interrupted, or put off by us. */
  decided: Decided | undefined;

  constructor(tid: number) {
    this.tid = tid;
  }

  /** The next stop that matters is the return of the call. */
  get awaitsReturn(): boolean {
    return this.pending !== undefined || this.detour !== undefined;
  }

  /** The decision about a call that is the one put off; another one, of a signal handler, leaves it waiting. */
  takeDecided(call: TracedCall): Decided | undefined {
    const { decided } = this;
    if (decided === undefined || !isSameCall(decided.call, call)) return undefined;
    this.decided = undefined;
    return decided;
  }

  /** All memory of before is gone. */
  executed(): void {
    this.scratch = undefined;
    this.detour = undefined;
    this.decided = undefined;
    // registers are new; the return of execve itself is still to come
    if (this.pending !== undefined) this.pending = { ...this.pending, restore: new Map() };
  }
}

function isSameCall(a: TracedCall, b: TracedCall): boolean {
  return a.nr === b.nr && a.abi === b.abi && a.args.every((arg, i) => arg === b.args[i]);
}
