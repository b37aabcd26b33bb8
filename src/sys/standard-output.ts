/** Gives our standard output away, so that what a command writes there does not mix with what we do. */
import { check, syscall } from "./kernel.ts";
import { NR } from "./number.ts";

const STDOUT = 1;
const STDERR = 2;
const F_DUPFD_CLOEXEC = 1030;
/** Above all that a command is given. */
const LEAST = 64;

/** A descriptor of what was standard output, which no command gets. Standard output is standard error from then on. */
export function takeStandardOutput(): number {
  const own = check(syscall(NR.fcntl, STDOUT, F_DUPFD_CLOEXEC, LEAST), { call: "fcntl" });
  check(syscall(NR.dup3, STDERR, STDOUT, 0), { call: "dup3" });
  return own;
}

/** What is written to `fd` goes to the file of `other` from now on. Throws SyscallError. */
export function redirect(fd: number, other: number): void {
  check(syscall(NR.dup3, other, fd, 0), { call: "dup3" });
}
