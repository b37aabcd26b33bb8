/** A request to become a tracer comes to us: it could mean sct itself, see ../own-processes.ts. */
import type { Abi } from "../../../language/index.ts";
import { SECCOMP_RET } from "../../../sys/index.ts";
import { callsEscaping, findNumbers } from "../call-numbers.ts";
import { ATTACHES } from "../own-processes.ts";
import { DataOffset, type FilterDecision, oneOf, verdict } from "./decision.ts";

const REQUEST = DataOffset.args;

/** Changes what is decided about ptrace(2). */
export function trapTracers(decisions: Map<number, FilterDecision>, abi: Abi, trap: number): void {
  for (const nr of findNumbers(callsEscaping("traces"), abi)) {
    const otherwise = decisions.get(nr) ?? verdict(SECCOMP_RET.ALLOW);
    decisions.set(nr, oneOf(REQUEST, ATTACHES, verdict(trap), otherwise));
  }
}
