/** What /proc says of a process that is held while it is looked at. */
import { readFileSync, readlinkSync } from "node:fs";
import { decodeText } from "../../events/index.ts";
import type { ProcessFacts } from "../../report/index.ts";

/** Of the arguments, bytes; and how many. */
const MOST_BYTES = 8192;
const MOST_ARGUMENTS = 256;
/** No chain of parents is longer in earnest. */
const MOST_PARENTS = 64;

export function processFacts(pid: number): ProcessFacts {
  const cmdline = reading(() => readFileSync(`/proc/${pid}/cmdline`))?.subarray(0, MOST_BYTES);
  const program = reading(() => readlinkSync(`/proc/${pid}/exe`, "buffer"));
  return {
    program: program === undefined ? "" : decodeText(program, 0, program.length),
    arguments: cmdline === undefined ? [] : words(cmdline),
  };
}

/** Each argument has a NUL behind it. */
function words(bytes: Uint8Array): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length && found.length < MOST_ARGUMENTS; ) {
    const nul = bytes.indexOf(0, at);
    const end = nul < 0 ? bytes.length : nul;
    found.push(decodeText(bytes, at, end));
    at = end + 1;
  }
  return found;
}

/** proc_pid_stat(5): the fourth field, behind the name in parentheses. */
function parentOf(pid: number): number | undefined {
  const stat = reading(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  if (stat === undefined) return undefined;
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** The parents up to one that `isKnown`, that one first; empty where there is none: an orphan, or none of the run. */
export function ancestors(pid: number, isKnown: (pid: number) => boolean): readonly number[] {
  const chain: number[] = [];
  for (let at = parentOf(pid); at !== undefined && at > 1; at = parentOf(at)) {
    chain.unshift(at);
    if (isKnown(at)) return chain;
    if (chain.length > MOST_PARENTS || at === process.pid) return [];
  }
  return [];
}

function reading<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
