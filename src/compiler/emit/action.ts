/** FAIL, KILL and SUSPEND: signals, and the decision that keeps the call from happening. */
import { EPERM, ERESTARTNOINTR, SIGKILL, SIGSTOP } from "../../base/linux-abi.ts";
import { R0, R1, R9, R10 } from "../../bpf/asm/index.ts";
import type { CheckedAction } from "../../language/checked/index.ts";
import { AreaOffset } from "../layout/area.ts";
import type { Context } from "./context.ts";
import { countAt } from "./counters.ts";
import { emitGrantPass } from "./pass.ts";
import { emitEnqueue } from "./suspended.ts";

/** Whether code at this stage can still keep the call from happening. */
export function decides(c: Context): boolean {
  return c.block.enforcement !== undefined && (c.stage === "enter" || c.stage === "hook");
}

/** Stack slots of the index of the rule, and of its position in the block. */
export interface RuleSlots {
  readonly index: number;
  readonly position: number;
}

/** Goes to `stopped` if the call is to be made again: what comes behind the action is left to that. */
export function emitAction(
  c: Context,
  action: Exclude<CheckedAction, { type: "LOG" | "REWRITE" | "COUNT" }>,
  slots: RuleSlots,
  stopped: string,
): void {
  const { a } = c;
  switch (action.type) {
    case "FAIL":
      deny(c, action.errno);
      return;
    case "KILL":
      // the signal alone comes too late: the call would still be carried out
      emitSignal(c, SIGKILL, slots.index);
      deny(c, EPERM);
      return;
    case "SUSPEND":
      emitSignal(c, SIGSTOP, slots.index, () => {
        const stops = decides(c) && !c.isRing;
        emitEnqueue(c, slots.index, action.timeoutNs, !stops);
        if (!stops) {
          deny(c, EPERM);
          return;
        }
        // also instead of an error that was decided on: it will be again
        setDecision(c, ERESTARTNOINTR);
        emitGrantPass(c, slots.position);
        a.goto(stopped);
      });
      return;
  }
}

/** The kernel signals neither process 1 nor one that is about to end: counted, and `onSent` is left out. */
function emitSignal(
  c: Context,
  signal: number,
  index: number,
  onSent: () => void = () => {},
): void {
  const { a } = c;
  const refused = a.newLabel("not_signalled");
  const done = a.newLabel("signalled");
  a.mov(R1, signal).call("bpf_send_signal").jump("ne", R0, 0, refused);
  onSent();
  a.goto(done).label(refused);
  countAt(c, index, "missed");
  a.label(done);
}

/** The first decision stands: with `continue` a later rule cannot take it back. */
export function deny(c: Context, errno: number): void {
  const { a } = c;
  if (!decides(c)) return;
  const decided = a.newLabel("decided");
  if (c.verdict !== undefined) a.load("u64", R1, R10, c.verdict);
  else a.load("u32", R1, R9, AreaOffset.verdict);
  a.jump("ne", R1, 0, decided);
  setDecision(c, errno);
  a.label(decided);
}

function setDecision({ a, verdict }: Context, errno: number): void {
  if (verdict !== undefined) a.store("u64", R10, verdict, errno);
  else a.store("u32", R9, AreaOffset.verdict, errno);
}
