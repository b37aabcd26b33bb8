/**
 * A verdict that asks a listener comes before one that stops for a tracer: a program with a listener of its own could
 * allow itself what ptrace would have refused. So it gets none there, as the kernel gives none beside ours.
 */
import type { Abi } from "../../../language/index.ts";
import {
  EBUSY,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_RET,
  SECCOMP_SET_MODE_FILTER,
} from "../../../sys/index.ts";
import { callsEscaping, findNumbers } from "../call-numbers.ts";
import { DataOffset, type FilterDecision, verdict } from "./decision.ts";

const OPERATION = DataOffset.args;
const FLAGS = DataOffset.args + 8;

/** Changes what is decided about seccomp(2). */
export function refuseListeners(decisions: Map<number, FilterDecision>, abi: Abi): void {
  for (const nr of findNumbers(callsEscaping("listens"), abi)) {
    const otherwise = decisions.get(nr) ?? verdict(SECCOMP_RET.ALLOW);
    decisions.set(nr, {
      kind: "test",
      load: OPERATION,
      op: "eq",
      value: SECCOMP_SET_MODE_FILTER,
      ifTrue: {
        kind: "test",
        load: FLAGS,
        op: "set",
        value: SECCOMP_FILTER_FLAG_NEW_LISTENER,
        ifTrue: verdict(SECCOMP_RET.ERRNO | EBUSY),
        ifFalse: otherwise,
      },
      ifFalse: otherwise,
    });
  }
}
