/** What -h and -V print. */
import { version } from "../version.ts";

export function versionText(): string {
  return `sctrace -- version ${version()} of syscalltrack\nOptions and output are those of strace 6.1.\n`;
}

export const HELP = `Usage: sctrace [OPTION]... { -p PID | PROG [ARG]... }
Trace the system calls and signals of PROG, or of processes that run already, with the options
and the output of strace 6.1.
`;
