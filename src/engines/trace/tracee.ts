/** State of one traced thread between its stops. */
import type { PendingCall } from "./pending.ts";
import { Repeats } from "./repeats.ts";
import type { Scratch } from "./scratch.ts";

/** Work of a call that we put in place of the program's own; `arrived` gets its result. */
export interface Detour {
  readonly arrived: (result: number) => void;
}

export class Tracee {
  readonly tid: number;
  pending: PendingCall | undefined;
  detour: Detour | undefined;
  scratch: Scratch | undefined;
  /** Calls that will be made again: interrupted, or put off by us. */
  readonly repeats = new Repeats();
  /** A signal is delivered to it such that a handler stops at its first instruction. */
  isStepping = false;

  constructor(tid: number) {
    this.tid = tid;
  }

  /** The next stop that matters is the return of the call. */
  get awaitsReturn(): boolean {
    return this.pending !== undefined || this.detour !== undefined;
  }

  /** What it had before is left to others. */
  useScratch(scratch: Scratch): void {
    this.scratch?.space.push(this.scratch);
    this.scratch = scratch;
  }

  /** All memory of before is gone. */
  executed(): void {
    this.scratch = undefined;
    this.detour = undefined;
    this.repeats.clear();
    // registers are new; the return of execve itself is still to come
    if (this.pending !== undefined) this.pending = { ...this.pending, restore: new Map() };
  }
}
