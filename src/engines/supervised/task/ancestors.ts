/** The chain of parents, for descends_from. */
import type { ProcFiles } from "./proc-files.ts";

const MOST_ANCESTORS = 256;

/** Whether an ancestor of a process has the name or the pid; undefined if the chain cannot be read. */
export function hasAncestor(
  files: ProcFiles,
  parent: number,
  ancestor: string | number,
): boolean | undefined {
  let pid = parent;
  for (let i = 0; i < MOST_ANCESTORS; i++) {
    if (pid <= 0) return false;
    if (pid === ancestor) return true;
    const stat = files.readText(`/proc/${pid}/stat`);
    if (stat === undefined) return undefined;
    // `pid (comm) state ppid …`; the name may hold anything, parentheses included
    const end = stat.lastIndexOf(")");
    const comm = Buffer.from(stat.slice(stat.indexOf("(") + 1, end), "latin1").toString();
    if (comm === ancestor) return true;
    const next = stat.slice(end + 2).split(" ")[1];
    if (next === undefined) return undefined;
    pid = Number(next);
  }
  return undefined;
}
