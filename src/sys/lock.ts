/** flock(2): a lock that ends with its holder, however that ends. */
import { EAGAIN } from "./errno.ts";
import { check, syscall } from "./kernel.ts";
import { NR } from "./number.ts";

/** LOCK_EX | LOCK_NB */
const EXCLUSIVE_AT_ONCE = 2 | 4;

/** Locks an open file for its description; false: somebody else holds it. */
export function tryLock(fd: number): boolean {
  const result = syscall(NR.flock, fd, EXCLUSIVE_AT_ONCE);
  if (result === -EAGAIN) return false;
  check(result, { call: "flock" });
  return true;
}
