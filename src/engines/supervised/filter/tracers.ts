/**
 * A verdict that stops for a tracer stops for any tracer that asked for such stops, and one of the program's own would
 * let the call continue. What we trace has no other tracer; but a child by CLONE_UNTRACED is nobody's, and may be traced
 * by the program. So there are no such children by clone, and nobody gets to ask for the stops: the flags of clone3
 * lie in memory, where a filter cannot look.
 */
import { CLONE_UNTRACED } from "../../../base/linux-abi.ts";
import type { Abi } from "../../../language/index.ts";
import { EPERM, PTRACE, PTRACE_O, SECCOMP_RET } from "../../../sys/index.ts";
import { callsEscaping, findNumbers } from "../call-numbers.ts";
import { DataOffset, type FilterDecision, oneOf, verdict } from "./decision.ts";

const FIRST = DataOffset.args;
const FOURTH = DataOffset.args + 3 * 8;
/** Means the same as PTRACE_SETOPTIONS; of Linux 2.4. */
const PTRACE_OLDSETOPTIONS = 21;
const SETS_OPTIONS = [PTRACE.SETOPTIONS, PTRACE_OLDSETOPTIONS, PTRACE.SEIZE];
const REFUSED = verdict(SECCOMP_RET.ERRNO | EPERM);

/** Changes what is decided about ptrace(2) and clone(2). */
export function refuseTracers(decisions: Map<number, FilterDecision>, abi: Abi): void {
  for (const nr of findNumbers(callsEscaping("traces"), abi)) {
    const otherwise = decisions.get(nr) ?? verdict(SECCOMP_RET.ALLOW);
    const asks = refuseBits(FOURTH, PTRACE_O.TRACESECCOMP, otherwise);
    decisions.set(nr, oneOf(FIRST, SETS_OPTIONS, asks, otherwise));
  }
  for (const nr of findNumbers(callsEscaping("untraced-child"), abi))
    decisions.set(
      nr,
      refuseBits(FIRST, CLONE_UNTRACED, decisions.get(nr) ?? verdict(SECCOMP_RET.ALLOW)),
    );
}

function refuseBits(load: number, value: number, otherwise: FilterDecision): FilterDecision {
  return { kind: "test", load, op: "set", value, ifTrue: REFUSED, ifFalse: otherwise };
}
