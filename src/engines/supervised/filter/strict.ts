/** Calls that ask for strict seccomp come to us, so that we can report why the kernel refuses: see ../strict-seccomp.ts. */
import type { Abi } from "../../../language/index.ts";
import { SECCOMP_RET } from "../../../sys/index.ts";
import { findNumbers } from "../call-numbers.ts";
import { PR_SET_SECCOMP, SECCOMP_MODE_STRICT, SECCOMP_SET_MODE_STRICT } from "../strict-seccomp.ts";
import { DataOffset, type FilterDecision, oneOf, verdict } from "./decision.ts";

const FIRST = DataOffset.args;
const SECOND = DataOffset.args + 8;

/** Changes what is decided about prctl(2) and seccomp(2). */
export function trapStrict(decisions: Map<number, FilterDecision>, abi: Abi, trap: number): void {
  const change = (name: string, change: (otherwise: FilterDecision) => FilterDecision): void => {
    for (const nr of findNumbers([name], abi))
      decisions.set(nr, change(decisions.get(nr) ?? verdict(SECCOMP_RET.ALLOW)));
  };
  change("prctl", (otherwise) => {
    const strict = oneOf(SECOND, [SECCOMP_MODE_STRICT], verdict(trap), otherwise);
    return oneOf(FIRST, [PR_SET_SECCOMP], strict, otherwise);
  });
  change("seccomp", (otherwise) =>
    oneOf(FIRST, [SECCOMP_SET_MODE_STRICT], verdict(trap), otherwise),
  );
}
