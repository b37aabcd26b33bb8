/**
 * Starts the command under a seccomp filter: either with a listener for user notifications or attached by ptrace.
 * The child prepares itself first and installs the filter last, so that execve is the only call of the launcher
 * that the rules can see.
 */
import {
  CLONE_VM,
  E2BIG,
  ENOEXEC,
  F_SETFD,
  LAST_SIGNAL,
  SIG_SETMASK,
  SIGCHLD,
  SIGSTOP,
} from "../../../base/linux-abi.ts";
import {
  check,
  endingOf,
  kill,
  Memory,
  PTRACE,
  PTRACE_O,
  ptrace,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
  SECCOMP_SET_MODE_FILTER,
  SIGKILL,
  SyscallError,
  setDumpable,
  syscall,
  UnsupportedError,
  Words,
  withSignalsBlocked,
  X64,
} from "../../../sys/index.ts";
import type { Restriction } from "../landlock/confinement.ts";
import type { Mechanism } from "../mechanisms.ts";
import { startDeadline } from "./deadline.ts";
import { Gate } from "./gate.ts";
import { Guard } from "./guard.ts";
import {
  closedDescriptors,
  hasSysAdmin,
  inheritedBlockedSignals,
  inheritedDescriptors,
  inheritedIgnoredSignals,
  openFileLimit,
} from "./own-process.ts";
import { SyscallScript } from "./script.ts";
import { mapThunk } from "./thunk.ts";

const PR_SET_PDEATHSIG = 1;
const PR_SET_NAME = 15;
const PR_SET_NO_NEW_PRIVS = 38;
const FD_CLOEXEC = 1;
const SIG_IGN = 1;
/** struct sigaction of the kernel. */
const SIGACTION_SIZE = 32;
const RLIMIT_NOFILE = 7;

export interface LaunchSpec {
  readonly mechanism: Mechanism;
  /** File to execute. */
  readonly program: Uint8Array;
  readonly argv: readonly Uint8Array[];
  readonly environment: readonly Uint8Array[];
  /** struct sock_filter, one after another. */
  readonly filter: Uint8Array;
  /** Descriptors of ours that the command does not get. */
  readonly withheld: readonly number[];
  readonly restriction: Restriction;
}

export interface Launched {
  readonly pid: number;
  /** Of the notify mechanism. */
  readonly listenerFd: number;
  /** Of the notify mechanism: the parent of the command. */
  readonly guard: Guard | undefined;
  /** Until its first execve the command shares our memory. */
  isLoading(): boolean;
  /** Positive errno of execve, once it failed. */
  execErrno(): number | undefined;
}

/** Options of every tracee, its children included. */
const TRACE_OPTIONS =
  PTRACE_O.TRACESYSGOOD |
  PTRACE_O.TRACEFORK |
  PTRACE_O.TRACEVFORK |
  PTRACE_O.TRACECLONE |
  PTRACE_O.TRACEEXEC |
  PTRACE_O.TRACESECCOMP |
  PTRACE_O.EXITKILL;

/** Throws MachineError when the machine refuses filter or tracing; what is wrong with the program comes later. */
export function launch(spec: LaunchSpec): Launched {
  if (process.arch !== "x64")
    throw new UnsupportedError(`supervision on ${process.arch}`, undefined);
  return spec.mechanism === "notify" ? launchNotify(spec) : launchTraced(spec);
}

function launchNotify(spec: LaunchSpec): Launched {
  const thunk = mapThunk();
  return withSignalsBlocked((mask) => {
    const script = new SyscallScript();
    const isLoading = shareUntilExec(script);
    prepareProcess(script, mask, spec.withheld);
    const guard = new Guard();
    guard.gate.addTo(script);
    restrict(script, spec.restriction);
    const flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    const filter = addFilter(script, spec.filter, flags);
    const exec = addExec(script, spec);
    hideMemory();
    try {
      const pid = check(guard.start(thunk, script.finish()), { call: "clone" });
      const listenerFd = waitForListener(script, filter, { pid, guard, isLoading });
      return { pid, listenerFd, guard, isLoading, execErrno: () => errnoOf(script, exec) };
    } finally {
      guard.started();
    }
  });
}

function launchTraced(spec: LaunchSpec): Launched {
  const thunk = mapThunk();
  return withSignalsBlocked((mask) => {
    using gate = new Gate();
    const script = new SyscallScript();
    const isLoading = shareUntilExec(script);
    prepareProcess(script, mask, spec.withheld);
    gate.addTo(script);
    // from here on EXITKILL does what this did
    script.add(X64.prctl, PR_SET_PDEATHSIG, 0);
    restrict(script, spec.restriction);
    addFilter(script, spec.filter, 0);
    const exec = addExec(script, spec);
    const pid = check(thunk.run(script.finish(), CLONE_VM | SIGCHLD), { call: "clone" });
    const seized = ptrace(PTRACE.SEIZE, pid, 0, TRACE_OPTIONS);
    if (seized < 0) {
      kill(pid, SIGKILL);
      throw new SyscallError({
        call: "ptrace",
        command: "PTRACE_SEIZE",
        errno: -seized,
        what: "trace the command",
        hint: "Something forbids tracing here: another tracer, Yama (kernel.yama.ptrace_scope), or the container",
      });
    }
    hideMemory();
    gate.open();
    return {
      pid,
      listenerFd: -1,
      guard: undefined,
      isLoading,
      execErrno: () => errnoOf(script, exec),
    };
  });
}

/**
 * A process that may trace us could answer for us or take the listener: nobody of this user may, what we supervise included. Before
 * the command runs a single instruction of its own; it shares our memory until then.
 */
function hideMemory(): void {
  setDumpable(false);
}

/** The kernel clears the word when the child leaves our memory, be it by execve or by its end. */
function shareUntilExec(script: SyscallScript): () => boolean {
  const word = Memory.from(Uint8Array.of(1, 0, 0, 0));
  script.add(X64.set_tid_address, word.address);
  const words = new Words(word.bytes);
  return () => words.int32(0) !== 0;
}

/** Undoes what Node changed in the process that the command would otherwise inherit. */
export function prepareProcess(
  script: SyscallScript,
  mask: bigint,
  withheld: readonly number[],
): void {
  script.add(X64.prctl, PR_SET_NAME, script.placeText(Buffer.from("sct")));
  script.add(X64.prctl, PR_SET_PDEATHSIG, SIGKILL);
  for (const fd of inheritedDescriptors())
    script.add(X64.fcntl, fd, F_SETFD, withheld.includes(fd) ? FD_CLOEXEC : 0);
  for (const fd of closedDescriptors()) script.add(X64.fcntl, fd, F_SETFD, FD_CLOEXEC);
  const ignored = inheritedIgnoredSignals();
  const byDefault = script.place(new Uint8Array(SIGACTION_SIZE));
  const ignore = script.place(Uint8Array.of(SIG_IGN, ...new Uint8Array(SIGACTION_SIZE - 1)));
  for (let signal = 1; signal <= LAST_SIGNAL; signal++) {
    if (signal === SIGKILL || signal === SIGSTOP) continue;
    const isIgnored = ((ignored >> BigInt(signal - 1)) & 1n) === 1n;
    script.add(X64.rt_sigaction, signal, isIgnored ? ignore : byDefault, 0, 8);
  }
  const soft = openFileLimit();
  if (soft !== undefined) {
    using hard = Memory.allocate(16);
    syscall(X64.prlimit64, 0, RLIMIT_NOFILE, 0, hard.address);
    hard.view.setBigUint64(0, soft, true);
    if (soft <= hard.view.getBigUint64(8, true))
      script.add(X64.prlimit64, 0, RLIMIT_NOFILE, script.place(hard.bytes), 0);
  }
  const set = new Uint8Array(8);
  new DataView(set.buffer).setBigUint64(0, mask | inheritedBlockedSignals(), true);
  script.add(X64.rt_sigprocmask, SIG_SETMASK, script.place(set), 0, 8);
}

/** Landlock, for all that comes: it cannot be taken off again. */
function restrict(script: SyscallScript, { ruleSets, flags }: Restriction): void {
  if (ruleSets.length > 0) giveUpPrivileges(script);
  for (const ruleSet of ruleSets) script.add(X64.landlock_restrict_self, ruleSet, flags);
}

/** Both ways of restricting oneself ask for it. */
function giveUpPrivileges(script: SyscallScript): void {
  if (!hasSysAdmin()) script.add(X64.prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/** Returns the index of seccomp(2) in the script. */
function addFilter(script: SyscallScript, filter: Uint8Array, flags: number): number {
  giveUpPrivileges(script);
  const program = new Uint8Array(16); // struct sock_fprog
  const view = new DataView(program.buffer);
  view.setUint16(0, filter.length / 8, true);
  view.setBigUint64(8, BigInt(script.place(filter)), true);
  return script.add(X64.seccomp, SECCOMP_SET_MODE_FILTER, flags, script.place(program));
}

function addExec(script: SyscallScript, { program, argv, environment }: LaunchSpec): number {
  const args = script.placeTexts(argv);
  return script.add(X64.execve, script.placeText(program), args, script.placeTexts(environment));
}

/**
 * The result of seccomp(2), which comes soon; throws if the child fails before or at it. A short command may have run to
 * its end before we look: its end is left for the engine to wait for.
 */
function waitForListener(
  script: SyscallScript,
  index: number,
  { pid, guard, isLoading }: { pid: number; guard: Guard; isLoading: () => boolean },
): number {
  let result: number | undefined;
  let status: number | undefined;
  const checkTime = startDeadline([guard.pid, pid]);
  while (true) {
    checkTime();
    // in this order: what has ended has written all that it will
    status = guard.status();
    result = script.result(index);
    if (result !== undefined || status !== undefined) break;
    syscall(X64.sched_yield);
  }
  if (result !== undefined && result >= 0) return result;
  // somebody may have killed the guard before the command had asked to die with it
  if (isLoading()) kill(pid, SIGKILL);
  const failure = script.failed();
  if (failure === undefined)
    throw new Error(`the launcher died: ${JSON.stringify(endingOf(status ?? 0))}`);
  if (failure.nr === X64.landlock_restrict_self && failure.errno === E2BIG)
    throw new SyscallError({
      call: "landlock_restrict_self",
      errno: failure.errno,
      what: "put the command under its policies",
      hint: "A process can be under 16 rule sets of Landlock: sct itself runs under some, or give fewer policies",
    });
  throw new SyscallError({
    call: failure.nr === X64.seccomp ? "seccomp" : `call ${failure.nr}`,
    errno: failure.errno,
    what: "install the filter",
  });
}

function errnoOf(script: SyscallScript, exec: number): number | undefined {
  const result = script.result(exec);
  return result !== undefined && result < 0 ? -result : undefined;
}

/** What execvp does with a file that has no interpreter line: the shell reads it. */
export function asShellScript(spec: LaunchSpec, errno: number): LaunchSpec | undefined {
  if (errno !== ENOEXEC || SHELL.equals(spec.program)) return undefined;
  return {
    ...spec,
    program: SHELL,
    argv: [SHELL, spec.program, ...spec.argv.slice(1)],
  };
}

const SHELL = Buffer.from("/bin/sh");
