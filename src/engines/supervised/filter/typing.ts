/**
 * The user answers a question about a call on the terminal, and so could a program that puts input there as if it had been
 * typed: by TIOCSTI (before Linux 6.2, and after where dev.tty.legacy_tiocsti is 1), or on a virtual console by pasting
 * (TIOCLINUX). See ioctl_tty(2).
 */
import type { Abi } from "../../../language/index.ts";
import { EPERM, SECCOMP_RET } from "../../../sys/index.ts";
import { callsEscaping, findNumbers } from "../call-numbers.ts";
import { DataOffset, type FilterDecision, oneOf, verdict } from "./decision.ts";

/** 32 bits on all architectures. */
const REQUEST = DataOffset.args + 8;
/** include/uapi/asm-generic/ioctls.h */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const REFUSED = verdict(SECCOMP_RET.ERRNO | EPERM);

/** Changes what is decided about ioctl(2). */
export function refuseTyping(decisions: Map<number, FilterDecision>, abi: Abi): void {
  for (const nr of findNumbers(callsEscaping("types"), abi)) {
    const otherwise = decisions.get(nr) ?? verdict(SECCOMP_RET.ALLOW);
    decisions.set(nr, oneOf(REQUEST, [TIOCSTI, TIOCLINUX], REFUSED, otherwise));
  }
}
