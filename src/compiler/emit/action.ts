/** FAIL, KILL and SUSPEND: signals, and the decision that keeps the call from happening. */
import { R1, R9, R10 } from "../../bpf/asm/index.ts";
import type { CheckedAction } from "../../language/checked.ts";
import { AreaOffset } from "../area.ts";
import { emitDequeue, emitEnqueue } from "../suspended.ts";
import type { Context } from "./context.ts";

const SIGKILL = 9;
const SIGSTOP = 19;
const EPERM = 1;
/**
 * ERESTARTNOINTR of include/linux/errno.h. With a stop signal pending the kernel stops the process and makes the
 * call anew when it goes on; without one, programs would see the number.
 */
export const ERESTARTNOINTR = 513;

/** Whether code at this stage can still keep the call from happening. */
export function decides(c: Context): boolean {
  return c.block.enforcement !== undefined && (c.stage === "enter" || c.stage === "hook");
}

/** `ruleSlot`: stack slot of the rule's index. */
export function emitAction(
  c: Context,
  action: Exclude<CheckedAction, { type: "LOG" | "REWRITE" }>,
  ruleSlot: number,
): void {
  const { a } = c;
  switch (action.type) {
    case "FAIL":
      deny(c, action.errno);
      return;
    case "KILL":
      // the signal alone comes too late: the call would still be carried out
      a.mov(R1, SIGKILL).call("bpf_send_signal");
      deny(c, EPERM);
      return;
    case "SUSPEND":
      a.mov(R1, SIGSTOP).call("bpf_send_signal");
      emitEnqueue(c, ruleSlot, action.timeoutNs, !decides(c) || c.isRing);
      if (!decides(c)) return;
      if (c.isRing) {
        deny(c, EPERM);
        return;
      }
      deny(c, ERESTARTNOINTR);
      a.store("u32", R9, AreaOffset.pass, c.block.id + 1);
      return;
  }
}

/** Lets a suspended call that is made again fail, if somebody decided so; else goes to `otherwise`. */
export function emitDecided(c: Context, otherwise: string): void {
  emitDequeue(c, otherwise);
  deny(c, EPERM);
}

/** The first decision stands: with `continue` a later rule cannot take it back. */
function deny(c: Context, errno: number): void {
  const { a } = c;
  if (!decides(c)) return;
  const decided = a.newLabel("decided");
  if (c.verdict !== undefined) {
    a.load("u64", R1, R10, c.verdict).jump("ne", R1, 0, decided);
    a.store("u64", R10, c.verdict, errno).label(decided);
  } else {
    a.load("u32", R1, R9, AreaOffset.verdict).jump("ne", R1, 0, decided);
    a.store("u32", R9, AreaOffset.verdict, errno).label(decided);
  }
}
