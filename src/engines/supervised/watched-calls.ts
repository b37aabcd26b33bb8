/** Calls that we see for our own sake: they change the ids that we remember of a thread. */
import type { Abi } from "../../language/index.ts";
import { findNumbers } from "./call-numbers.ts";

const CHANGE_IDS =
  `setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setuid32 setgid32
  setreuid32 setregid32 setresuid32 setresgid32 setfsuid32 setfsgid32 capset`.split(/\s+/);
/** Changes them only where setuid programs work. */
const EXECUTE = ["execve", "execveat"];

export function watchedCalls(isPrivileged: boolean): Readonly<Record<Abi, ReadonlySet<number>>> {
  const names = isPrivileged ? [...CHANGE_IDS, ...EXECUTE] : CHANGE_IDS;
  return { x86_64: findNumbers(names, "x86_64"), i386: findNumbers(names, "i386") };
}
