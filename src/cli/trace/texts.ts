/** What -h and -V print. */
import { version } from "../version.ts";

export function versionText(): string {
  return `sctrace -- version ${version()} of syscalltrack\nOptions and output are those of strace 6.1.\n`;
}

export const HELP = `Usage: sctrace [OPTION]... { -p PID | PROG [ARG]... }
Trace the system calls and signals of PROG, or of processes that run already, with the options
and the output of strace 6.1. See docs/trace.md.

Start:
  -p PID, --attach=PID      trace a process: a number, several, or the name of its program
  -E VAR[=VALUE], --env=    set a variable of PROG, or remove it
  -u USER, --user=USER      run PROG as USER
  -f, --follow-forks        trace child processes and threads too; -ff: a file for each
  -b execve                 let a process go when it executes another program
  -I N, --interruptible=N   when signals end the trace (1 to 4)
  --seccomp-bpf             have the kernel stop only calls that are traced (with -f)

Which calls and signals:
  -e trace=SET, --trace=SET names, %GROUP, /REGEX, all, none; ! excludes, ? allows unknown names
  -e signal=SET, -e status=SET, -e quiet=SET
  -P PATH, --trace-path=    calls that are about a file
  -z, -Z                    calls that succeed, or that fail
  -e inject=SET:WHAT[:when=N], -e fault=SET[:error=E]
  --print-rules             print the injections as rules of syscalltrack

Output:
  -o FILE, --output=FILE    write lines to FILE, or with '|' in front to a command; -A appends
  -a N, -s N                column of results, longest string
  -t, -tt, -ttt, -r, -T     times, with --absolute-timestamps=, --relative-timestamps=
                            and --syscall-times= for their precision
  -i, -n, -Y                address and number of the call, name of the program
  -y, -yy                   paths of descriptors; protocols, addresses and devices too
  -v, -x, -xx, -X FORMAT    long structs, strings in hex, names or numbers
  -e raw=SET, -e abbrev=SET, -e read=SET, -e write=SET
  -q, -qq, -qqq             fewer messages

Statistics:
  -c, -C                    a table of calls, alone or behind the lines
  -S COLUMN, -U COLUMNS, -w, -O OVERHEAD

  -h, --help, -V, --version
`;
