/** Calls that we see for our own sake: they change what we remember of threads. */
import type { Abi } from "../../language/index.ts";
import { findNumbers } from "./call-numbers.ts";

export const CHANGE_IDS: readonly string[] =
  `setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setuid32 setgid32
  setreuid32 setregid32 setresuid32 setresgid32 setfsuid32 setfsgid32 capset`.split(/\s+/);
/** To another root, or to other files under the same names. */
const CHANGE_ROOTS =
  "chroot pivot_root mount umount umount2 move_mount setns unshare open_tree open_tree_attr fsmount".split(
    " ",
  );
/** Change them only for some: see changesIdsByExecuting(). */
export const EXECUTE: readonly string[] = ["execve", "execveat"];

export function watchedCalls(byExecuting: boolean): Readonly<Record<Abi, ReadonlySet<number>>> {
  return onBothAbis(byExecuting ? [...CHANGE_IDS, ...EXECUTE] : CHANGE_IDS);
}

/** After one of them the root and the mounts of a process may be others than ours. */
export function rootChangingCalls(): Readonly<Record<Abi, ReadonlySet<number>>> {
  return onBothAbis(CHANGE_ROOTS);
}

function onBothAbis(names: readonly string[]): Readonly<Record<Abi, ReadonlySet<number>>> {
  return { x86_64: findNumbers(names, "x86_64"), i386: findNumbers(names, "i386") };
}
