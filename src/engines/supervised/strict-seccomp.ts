/**
 * Strict seccomp (read, write, exit and sigreturn alone): the kernel has no such mode beside a filter, and ours is one. A filter
 * that comes to the same could be put in its place, but PR_GET_SECCOMP and what the program then expects would differ;
 * so the call fails as the kernel says, and a notice says why a program continues without it, or ends.
 */
import { callName } from "../../linux/index.ts";
import { numbersOf } from "./call-numbers.ts";
import type { PlainCall } from "./own-processes.ts";

/** include/uapi/linux/prctl.h, include/uapi/linux/seccomp.h */
export const PR_SET_SECCOMP = 22;
export const SECCOMP_MODE_STRICT = 1;
export const SECCOMP_SET_MODE_STRICT = 0;

export class StrictSeccomp {
  readonly #report: (line: string) => void;
  readonly #prctl = numbersOf(["prctl"]);
  readonly #seccomp = numbersOf(["seccomp"]);
  #isReported = false;

  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  /** Reports the first call that asks for it. */
  see({ abi, nr, args, tid }: PlainCall): void {
    if (this.#isReported || !(this.#prctl[abi].has(nr) || this.#seccomp[abi].has(nr))) return;
    const [first = 0, second = 0] = [args[0], args[1]].map((value) =>
      Number(BigInt.asUintN(32, value ?? 0n)),
    );
    const isStrict = this.#prctl[abi].has(nr)
      ? first === PR_SET_SECCOMP && second === SECCOMP_MODE_STRICT
      : this.#seccomp[abi].has(nr) && first === SECCOMP_SET_MODE_STRICT;
    if (!isStrict) return;
    this.#isReported = true;
    this.#report(
      `${callName(nr, abi)} of process ${tid} and all others fails with EINVAL for strict seccomp: the kernel has no strict mode beside the filter of sct`,
    );
  }
}
