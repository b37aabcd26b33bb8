/** Processes: how they begin, end and are waited for. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Piece, type Show } from "../piece.ts";
import { showEnvironment, showStrings } from "../value/arguments.ts";
import { formatArray } from "../value/array.ts";
import { showDirfd, showFd } from "../value/descriptor.ts";
import { addressOf, fetchBytes, numberForm, pointerTo, pointerToNumber } from "../value/form.ts";
import { StructText } from "../value/member.ts";
import { formatHex, formatPointer, showAddress, showInt, showUlong } from "../value/number.ts";
import { siginfoForm } from "../value/siginfo.ts";
import { showSignal, signalName } from "../value/signal.ts";
import { showStruct } from "../value/struct.ts";
import { showChoice, showFlags, showSymbols } from "../value/symbol.ts";
import { showPath } from "../value/text.ts";

const CLONE = {
  pidfd: 0x1000n,
  setTls: 0x80000n,
  parentSetTid: 0x100000n,
  childClearTid: 0x200000n,
  childSetTid: 0x1000000n,
};
const CLONE_FLAGS = `CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_PIDFD CLONE_PTRACE CLONE_VFORK CLONE_PARENT
  CLONE_THREAD CLONE_NEWNS CLONE_SYSVSEM CLONE_SETTLS CLONE_PARENT_SETTID CLONE_CHILD_CLEARTID CLONE_DETACHED
  CLONE_UNTRACED CLONE_CHILD_SETTID CLONE_NEWCGROUP CLONE_NEWUTS CLONE_NEWIPC CLONE_NEWUSER CLONE_NEWPID
  CLONE_NEWNET CLONE_IO`;
const showCloneFlags = showFlags(CLONE_FLAGS, "CLONE_???", { bits: 64 });
const showClone3Flags = showFlags(
  `${CLONE_FLAGS} CLONE_CLEAR_SIGHAND CLONE_INTO_CGROUP CLONE_NEWTIME`,
  "CLONE_???",
  { bits: 64 },
);
const SIGNAL_BITS = 0xffn;
const LARGEST_INT = 0x7fffffffn;

const has = (call: Decoding, bits: bigint): boolean => (call.argument(0) & bits) !== 0n;

const named = (name: string, piece: Piece): Piece => ({
  ...piece,
  show: (call, value) => `${name}=${piece.show(call, value)}`,
});

const cloneFlags: Piece = {
  ...input((call, value) => {
    const flags = value & ~SIGNAL_BITS;
    const signal = value & SIGNAL_BITS;
    if (flags === 0n) return showSignal(call, signal);
    const text = showCloneFlags(call, flags);
    return signal === 0n ? text : `${text}|${showSignal(call, signal)}`;
  }),
  register: 0,
};
const showPidBehind = pointerToNumber(numberForm(4, showInt, true));
const showFdBehind = pointerToNumber(numberForm(4, showFd));

const parentTid: Piece = {
  show: (call, value) =>
    `parent_tid=${has(call, CLONE.parentSetTid) ? showPidBehind(call, value) : showFdBehind(call, value)}`,
  atExit: true,
  separator: "late",
  shown: (call) => has(call, CLONE.parentSetTid | CLONE.pidfd),
  register: 2,
};
/** i386 has the last two the other way round. */
const tls = (register: number): Piece => ({
  ...named("tls", output(showAddress)),
  separator: "late",
  shown: (call) => has(call, CLONE.setTls),
  register,
});
const childTid = (register: number): Piece => ({
  ...named("child_tidptr", output(showAddress)),
  separator: "late",
  shown: (call) => has(call, CLONE.childSetTid | CLONE.childClearTid),
  register,
});
const cloneHead: readonly Piece[] = [
  { ...named("child_stack", input(showAddress)), register: 1 },
  named("flags", cloneFlags),
  parentTid,
];

const CLONE_ARGS_SIZE = 88;
/** Up to `tls`: what the first kernels had that know the call. */
const LEAST_CLONE_ARGS = 64;

function fetchCloneArgs(call: Decoding, value: bigint): StructText | undefined {
  const given = call.argument(1);
  if (given < BigInt(LEAST_CLONE_ARGS)) return undefined;
  const size = given > BigInt(CLONE_ARGS_SIZE) ? CLONE_ARGS_SIZE : Number(given);
  const bytes = fetchBytes(call, addressOf(call, value), size);
  if (bytes === undefined) return undefined;
  const whole = new Uint8Array(CLONE_ARGS_SIZE);
  whole.set(bytes);
  return new StructText(call, whole, "clone_args");
}

const MOST_TIDS = 32n;
const showPid32 = numberForm(4, showInt, true);

const cloneArgs: Piece = input((call, value) => {
  const text = fetchCloneArgs(call, value);
  if (text === undefined) return formatPointer(addressOf(call, value));
  const flags = text.value("flags");
  text.add("flags", showClone3Flags);
  if ((flags & CLONE.pidfd) !== 0n) text.add("pidfd", "address");
  if ((flags & (CLONE.childSetTid | CLONE.childClearTid)) !== 0n) text.add("child_tid", "address");
  if ((flags & CLONE.parentSetTid) !== 0n) text.add("parent_tid", "address");
  text.add("exit_signal", text.value("exit_signal") < LARGEST_INT ? showSignal : "u64");
  text.add("stack", "address").add("stack_size", "hex64");
  if ((flags & CLONE.setTls) !== 0n) text.add("tls", "address");
  addTids(call, text);
  const cgroup = text.value("cgroup");
  if (cgroup !== 0n || (flags & 0x200000000n) !== 0n) text.addText("cgroup", String(cgroup));
  return text.end();
});

function addTids(call: Decoding, text: StructText): void {
  const at = text.value("set_tid");
  const count = text.value("set_tid_size");
  if (at === 0n && count === 0n) return;
  const isPlain = at === 0n || count === 0n || count > MOST_TIDS;
  text.addText("set_tid", isPlain ? formatPointer(at) : formatArray(call, at, count, showPid32));
  text.addText("set_tid_size", String(count));
}

/** What the call has put where the struct said. */
const cloneGiven: Piece = {
  show(call, value) {
    const text = call.hasFailed ? undefined : fetchCloneArgs(call, value);
    if (text === undefined) return "";
    const flags = text.value("flags");
    const parts: string[] = [];
    if ((flags & CLONE.pidfd) !== 0n) {
      parts.push(`pidfd=${showFdBehind(call, text.value("pidfd"))}`);
    }
    if ((flags & CLONE.parentSetTid) !== 0n) {
      parts.push(`parent_tid=${showPidBehind(call, text.value("parent_tid"))}`);
    }
    return parts.length === 0 ? "" : ` => {${parts.join(", ")}}`;
  },
  atExit: true,
  separator: "none",
  shown: (call) =>
    call.hasReturned ||
    ((fetchCloneArgs(call, call.argument(0))?.value("flags") ?? 0n) &
      (CLONE.pidfd | CLONE.parentSetTid)) !==
      0n,
  register: 0,
};

const PTRACE_EVENTS: readonly string[] = [
  "0",
  "PTRACE_EVENT_FORK",
  "PTRACE_EVENT_VFORK",
  "PTRACE_EVENT_CLONE",
  "PTRACE_EVENT_EXEC",
  "PTRACE_EVENT_VFORK_DONE",
  "PTRACE_EVENT_EXIT",
  "PTRACE_EVENT_SECCOMP",
];
const EVENT_STOP = 128;

/** `[{WIFEXITED(s) && WEXITSTATUS(s) == 0}]`. */
export function formatWaitStatus(status: number): string {
  const [text, rest] = describeStatus(status);
  if (text === "") return `[${formatHex(BigInt(status >>> 0))}]`;
  return `[{${text}}${formatStatusRest(rest)}]`;
}

function describeStatus(status: number): readonly [string, number] {
  const low = status & 0x7f;
  const second = (status >> 8) & 0xff;
  if ((status & 0xff) === 0x7f) {
    const syscallGood = (second & 0x80) === 0 ? "" : " | 0x80";
    const text = `WIFSTOPPED(s) && WSTOPSIG(s) == ${nameOf(second & 0x7f)}${syscallGood}`;
    return [text, status & ~0xffff];
  }
  if (status === 0xffff) return ["WIFCONTINUED(s)", 0];
  if (low !== 0) {
    const core = (status & 0x80) === 0 ? "" : " && WCOREDUMP(s)";
    return [`WIFSIGNALED(s) && WTERMSIG(s) == ${nameOf(low)}${core}`, status & ~0xff];
  }
  return [`WIFEXITED(s) && WEXITSTATUS(s) == ${second}`, status & ~0xff00];
}

const nameOf = (number: number): string => signalName(number) ?? String(number);

function formatStatusRest(rest: number): string {
  if (rest === 0) return "";
  const event = rest >>> 16;
  const name =
    event === EVENT_STOP
      ? "PTRACE_EVENT_STOP"
      : (PTRACE_EVENTS[event] ?? `0x${event.toString(16)} /* PTRACE_EVENT_??? */`);
  const low = rest & 0xffff;
  return `${event === 0 ? "" : `|${name}<<16`}${low === 0 ? "" : `|0x${low.toString(16)}`}`;
}

const statusForm = numberForm(4, (_, value) => formatWaitStatus(Number(BigInt.asIntN(32, value))));
const showStatus = pointerTo(statusForm);
const RUSAGE_REST = `ru_maxrss ru_ixrss ru_idrss ru_isrss ru_minflt ru_majflt ru_nswap ru_inblock ru_oublock ru_msgsnd
  ru_msgrcv ru_nsignals ru_nvcsw ru_nivcsw`;
export const showUsage = showStruct(
  "rusage",
  `ru_utime.tv_sec ru_utime.tv_usec ru_stime.tv_sec ru_stime.tv_usec | ${RUSAGE_REST}`,
);
const waitOptions = input(
  showFlags("WNOHANG WSTOPPED WEXITED WCONTINUED WNOWAIT __WCLONE __WALL __WNOTHREAD", "W???"),
);
const hasChild = (call: Decoding): boolean => call.ret > 0n;
const status: Piece = output((call, value) =>
  call.ret === 0n ? formatPointer(addressOf(call, value)) : showStatus(call, value),
);
const usageOfChild: Piece = output((call, value) =>
  hasChild(call) ? showUsage(call, value) : formatPointer(addressOf(call, value)),
);
const pid = input(showInt);
const P_PIDFD = 3n;
const waitedId: Piece = input((call, value) =>
  BigInt.asUintN(32, call.argument(0)) === P_PIDFD ? showFd(call, value) : showInt(call, value),
);
const execTail: readonly Piece[] = [input(showPath), input(showStrings), input(showEnvironment)];
const exit: Piece = input(showInt);
/** It does not come back. */
const never: Show = () => "?";

export const processesDecoding: DecodingFamily = {
  clone: { pieces: [...cloneHead, tls(4), childTid(3)] },
  "clone/i386": { pieces: [...cloneHead, tls(3), childTid(4)] },
  clone3: { pieces: [cloneArgs, cloneGiven, { ...input(showUlong), register: 1 }] },
  execve: { pieces: execTail },
  execveat: {
    pieces: [input(showDirfd), ...execTail, input(showSymbols("execveat_flags", "AT_???"))],
  },
  wait4: { pieces: [pid, status, waitOptions, usageOfChild] },
  waitpid: { pieces: [pid, status, waitOptions] },
  waitid: {
    pieces: [
      input(showSymbols("waitid_type", "P_???")),
      waitedId,
      output(pointerTo(siginfoForm)),
      waitOptions,
      output(showUsage),
    ],
  },
  exit: { pieces: [exit], result: never },
  exit_group: { pieces: [exit], result: never },
  setns: {
    by: {
      flags: input(
        showFlags(
          "CLONE_NEWTIME CLONE_NEWNS CLONE_NEWCGROUP CLONE_NEWUTS CLONE_NEWIPC CLONE_NEWUSER CLONE_NEWPID CLONE_NEWNET",
          "CLONE_NEW???",
        ),
      ),
    },
  },
  unshare: { by: { unshare_flags: input(showClone3Flags) } },
  getrusage: {
    pieces: [
      input(showChoice("RUSAGE_SELF RUSAGE_CHILDREN RUSAGE_THREAD", "RUSAGE_???")),
      output(showUsage),
    ],
  },
  set_tid_address: { pieces: [input(showAddress)] },
};
