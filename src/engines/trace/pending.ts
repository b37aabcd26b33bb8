/** A call between its two stops, and where it was made from. */
import type { Former } from "../supervised/decide.ts";
import type { CallRules } from "../supervised/rule-index.ts";

/** Of a call: where its instruction ends, and the stack pointer. */
export interface CallPlace {
  readonly ip: bigint;
  readonly sp: bigint;
}

/** A call that runs and whose return we wait for. */
export interface PendingCall {
  /** The call, and what was decided about it. */
  readonly former: Former;
  readonly rules: CallRules;
  readonly place: CallPlace;
  readonly startNs: bigint;
  /** Registers that we changed, by their offset, with what the program had in them. */
  readonly restore: ReadonlyMap<number, bigint>;
}
