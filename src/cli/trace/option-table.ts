/** The options of strace 6.1, as data: short ones, and what the long ones stand for. */
import { table } from "../../base/table.ts";

/** Short options; `:` behind one: it takes a value. */
export const SHORT_OPTIONS = "a:Ab:cCdDe:E:fFhiI:kno:O:p:P:qrs:S:tTu:U:vVwxX:yYzZ";

export interface LongOption {
  /** The short option or the `-e` expression that it stands for: `e` with `key=` before the value. */
  readonly as: string;
  readonly key?: string;
  readonly value: "none" | "needed" | "optional";
}

const flag = (as: string): LongOption => ({ as, value: "none" });
const valued = (as: string): LongOption => ({ as, value: "needed" });
const optional = (as: string): LongOption => ({ as, value: "optional" });
const expression = (key: string, value: "needed" | "optional" = "needed"): LongOption => ({
  as: "e",
  key,
  value,
});

export const LONG_OPTIONS = table<LongOption>({
  columns: valued("a"),
  "output-append-mode": flag("A"),
  "detach-on": valued("b"),
  "summary-only": flag("c"),
  summary: flag("C"),
  debug: flag("d"),
  daemonize: optional("daemonize"),
  daemonise: optional("daemonize"),
  daemonized: optional("daemonize"),
  daemonised: optional("daemonize"),
  env: valued("E"),
  "follow-forks": flag("f"),
  help: flag("h"),
  "instruction-pointer": flag("i"),
  interruptible: valued("I"),
  "stack-traces": flag("k"),
  "stack-trace": flag("k"),
  "syscall-number": flag("n"),
  output: valued("o"),
  "output-separately": flag("output-separately"),
  "summary-syscall-overhead": valued("O"),
  attach: valued("p"),
  "trace-path": valued("P"),
  "relative-timestamps": optional("relative-timestamps"),
  "string-limit": valued("s"),
  "summary-sort-by": valued("S"),
  "absolute-timestamps": optional("absolute-timestamps"),
  timestamps: optional("absolute-timestamps"),
  "syscall-times": optional("syscall-times"),
  user: valued("u"),
  "summary-columns": valued("U"),
  "no-abbrev": flag("v"),
  version: flag("V"),
  "summary-wall-clock": flag("w"),
  "strings-in-hex": optional("strings-in-hex"),
  "const-print-style": valued("X"),
  "successful-only": flag("z"),
  "failed-only": flag("Z"),
  "failing-only": flag("Z"),
  "seccomp-bpf": flag("seccomp-bpf"),
  tips: optional("tips"),
  "pidns-translation": flag("pidns-translation"),
  trace: expression("trace"),
  abbrev: expression("abbrev"),
  verbose: expression("verbose"),
  raw: expression("raw"),
  signal: expression("signal"),
  signals: expression("signal"),
  status: expression("status"),
  read: expression("read"),
  reads: expression("read"),
  write: expression("write"),
  writes: expression("write"),
  fault: expression("fault"),
  inject: expression("inject"),
  kvm: expression("kvm"),
  quiet: optional("quiet"),
  silent: optional("quiet"),
  silence: optional("quiet"),
  "decode-fds": optional("decode-fds"),
  "decode-pids": expression("decode-pids"),
});

/** Words before `=` in -e, and what they mean. */
export const EXPRESSION_KEYS = table<string>({
  trace: "trace",
  t: "trace",
  abbrev: "abbrev",
  a: "abbrev",
  verbose: "verbose",
  v: "verbose",
  raw: "raw",
  x: "raw",
  signal: "signal",
  signals: "signal",
  s: "signal",
  status: "status",
  read: "read",
  reads: "read",
  r: "read",
  write: "write",
  writes: "write",
  w: "write",
  fault: "fault",
  inject: "inject",
  quiet: "quiet",
  silent: "quiet",
  silence: "quiet",
  q: "quiet",
  kvm: "kvm",
  "decode-fds": "decode-fds",
  "decode-fd": "decode-fds",
  "decode-pids": "decode-pids",
  "decode-pid": "decode-pids",
});

/** What is not done, each with what else there is. */
export const NOT_DONE = table<string>({
  k: "-k (stack traces) is not done by sctrace: use strace -k",
  kvm: "-e kvm=vcpu is not done by sctrace: use strace",
  d: "-d (debugging strace itself) is not done by sctrace",
  "pidns-translation": "--decode-pids=pidns is not done by sctrace: use strace",
  tips: "--tips is not done by sctrace",
  D: "-D is not done by sctrace",
  daemonize: "--daemonize is not done by sctrace",
});
