/** What `sct suspended` does. */
import { escapeControls, toJson } from "../../base/escape.ts";
import { eventNames } from "../../engines/context/index.ts";
import {
  type SuspendedAnswer,
  SuspendedQueue,
  type SuspendedThread,
} from "../../engines/kernel/index.ts";
import { quoted } from "../../events/index.ts";
import { nearest } from "../../language/suggest.ts";
import { callName, isNative } from "../../linux/index.ts";
import { EACCES, EPERM, SyscallError } from "../../sys/index.ts";
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { printNotice } from "../notice.ts";
import { PrivilegeError } from "../watch/privilege-error.ts";

const DECISIONS: readonly string[] = [
  "resume",
  "fail",
  "kill",
] satisfies readonly SuspendedAnswer[];
/** A timeout is carried out a moment after it is due, by the process whose rules they are. */
const OVERDUE_NS = 3_000_000_000n;

export async function runSuspended(args: CommandArguments): Promise<ExitCode> {
  const [what = "list", ...pids] = args.operands;
  if (what === "list") {
    if (pids[0] !== undefined) throw new UsageError(`unexpected argument '${pids[0]}'`);
    if (args.has("all")) throw new UsageError("--all goes with resume, fail and kill");
    return withQueue((queue) => list(queue, args.has("json")));
  }
  if (!DECISIONS.includes(what)) {
    const meant = nearest(what, ["list", ...DECISIONS]);
    const hint = meant === undefined ? "" : `, did you mean '${meant}'?`;
    throw new UsageError(`'${what}' is none of list, resume, fail and kill${hint}`);
  }
  if (args.has("json")) throw new UsageError("--json goes with list");
  if (args.has("all") === pids.length > 0)
    throw new UsageError(`which processes: 'sct suspended ${what} PID...' or --all`);
  const numbers = pids.map(parsePid);
  return withQueue((queue) =>
    decide(queue, what as SuspendedAnswer, args.has("all") ? undefined : numbers),
  );
}

function parsePid(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`'${text}' is no process id`);
  return Number(text);
}

async function withQueue<T>(use: (queue: SuspendedQueue) => T | Promise<T>): Promise<T> {
  const queue = openQueue();
  try {
    return await use(queue);
  } finally {
    queue.close();
  }
}

function openQueue(): SuspendedQueue {
  try {
    return new SuspendedQueue();
  } catch (error) {
    const isRefused =
      error instanceof SyscallError && (error.errno === EPERM || error.errno === EACCES);
    if (isRefused && process.geteuid?.() !== 0)
      throw new PrivilegeError(error, "the queue of the machine");
    throw error;
  }
}

function list(queue: SuspendedQueue, isJson: boolean): ExitCode {
  const threads = queue.list();
  if (isJson) for (const thread of threads) process.stdout.write(`${json(thread)}\n`);
  else process.stdout.write(threads.length === 0 ? "nothing is suspended\n" : table(threads));
  if (queue.isFull)
    printNotice("sct suspended", "a queue is full: further processes stop without being listed");
  return ExitCode.good;
}

async function decide(
  queue: SuspendedQueue,
  decision: SuspendedAnswer,
  pids: readonly number[] | undefined,
): Promise<ExitCode> {
  const chosen = pids ?? [...new Set(queue.list().map(({ pid }) => pid))];
  let code: ExitCode = ExitCode.good;
  for (const pid of chosen) {
    const problem = await queue.decide(pid, decision);
    if (problem === undefined) continue;
    printNotice("sct suspended", `cannot ${decision} process ${pid}: ${problem}`);
    code = ExitCode.found;
  }
  return code;
}

function json(thread: SuspendedThread): string {
  const { pid, tid, uid, comm, rule, nr, abi, waitedNs, timeoutNs, isCallDone } = thread;
  return toJson({
    v: 1,
    pid,
    tid,
    uid,
    comm,
    rule,
    syscall: callName(nr, abi) ?? null,
    nr,
    abi,
    waited_ms: Number(waitedNs / 1_000_000n),
    timeout_ms: timeoutNs === undefined ? null : Number(timeoutNs / 1_000_000n),
    call_done: isCallDone,
  });
}

function table(threads: readonly SuspendedThread[]): string {
  const names = eventNames();
  const rows = threads.map((thread) => {
    const { pid, tid, uid, comm, rule, nr, abi } = thread;
    const call = `${callName(nr, abi) ?? nr}${isNative(abi) ? "" : ` (${abi})`}`;
    return [
      tid === pid ? `${pid}` : `${pid}/${tid}`,
      names.userName(uid) ?? `${uid}`,
      quoted(Buffer.from(comm)),
      call,
      escapeControls(rule),
      waiting(thread),
    ];
  });
  const all = [["PID", "USER", "COMM", "CALL", "RULE", "WAITING"], ...rows];
  const widths = all[0]?.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0))) ?? [];
  return all
    .map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

function waiting({ waitedNs, timeoutNs, isCallDone }: SuspendedThread): string {
  const done = isCallDone ? ", the call has been made already" : "";
  if (timeoutNs === undefined) return `${seconds(waitedNs)}${done}`;
  if (waitedNs > timeoutNs + OVERDUE_NS)
    return `${seconds(waitedNs)} of ${seconds(timeoutNs)}, nobody carries out the timeout${done}`;
  return `${seconds(waitedNs)} of ${seconds(timeoutNs)}${done}`;
}

function seconds(ns: bigint): string {
  return `${(Number(ns / 1_000_000n) / 1000).toFixed(1)}s`;
}
