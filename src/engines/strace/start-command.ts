/** Starts the command such that the trace begins with its execve. */
import { CLONE_VM, SIGCHLD } from "../../base/linux-abi.ts";
import {
  check,
  kill,
  PTRACE,
  ptrace,
  SIGKILL,
  SyscallError,
  withSignalsBlocked,
  X64,
} from "../../sys/index.ts";
import { Gate } from "../supervised/launch/gate.ts";
import { prepareProcess } from "../supervised/launch/launch.ts";
import { SyscallScript } from "../supervised/launch/script.ts";
import { mapThunk } from "../supervised/launch/thunk.ts";

export interface TracedCommand {
  readonly program: Uint8Array;
  readonly argv: readonly Uint8Array[];
  readonly environment: readonly Uint8Array[];
  /** As whom it runs; absent: as we do. */
  readonly user?: {
    readonly uid: number;
    readonly gid: number;
    readonly groups: readonly number[];
  };
  /** struct sock_filter, one after another; absent: every call stops. */
  readonly filter?: Uint8Array | undefined;
}

const PR_SET_PDEATHSIG = 1;
const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_SET_MODE_FILTER = 1;
const HINT =
  "Something forbids tracing here: another tracer, Yama (kernel.yama.ptrace_scope), or the container";

/** Its pid. It is traced, and will stop before it executes. Throws MachineError where the machine refuses. */
export function startCommand(command: TracedCommand, options: number): number {
  const thunk = mapThunk();
  return withSignalsBlocked((mask) => {
    using gate = new Gate();
    const script = new SyscallScript();
    prepareProcess(script, mask, []);
    gate.addTo(script);
    // the command outlives us, as it does strace
    script.add(X64.prctl, PR_SET_PDEATHSIG, 0);
    becomeUser(script, command);
    if (command.filter !== undefined) addFilter(script, command.filter);
    const argv = script.placeTexts(command.argv);
    const environment = script.placeTexts(command.environment);
    script.add(X64.execve, script.placeText(command.program), argv, environment);
    const pid = check(thunk.run(script.finish(), CLONE_VM | SIGCHLD), { call: "clone" });
    seize(pid, options, () => kill(pid, SIGKILL));
    ptrace(PTRACE.INTERRUPT, pid);
    gate.open();
    return pid;
  });
}

/** Traces a thread from now on. Throws SyscallError; `undo` is called before. */
function seize(tid: number, options: number, undo: () => void): void {
  const result = ptrace(PTRACE.SEIZE, tid, 0, options);
  if (result >= 0) return;
  undo();
  throw new SyscallError({
    call: "ptrace",
    command: "PTRACE_SEIZE",
    errno: -result,
    what: "trace the command",
    hint: HINT,
  });
}

function becomeUser(script: SyscallScript, { user }: TracedCommand): void {
  if (user === undefined) return;
  const groups = new Uint8Array(new Uint32Array(user.groups).buffer);
  script.add(X64.setgroups, user.groups.length, script.place(groups));
  script.add(X64.setresgid, user.gid, user.gid, user.gid);
  script.add(X64.setresuid, user.uid, user.uid, user.uid);
}

function addFilter(script: SyscallScript, filter: Uint8Array): void {
  script.add(X64.prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const program = new Uint8Array(16); // struct sock_fprog
  const view = new DataView(program.buffer);
  view.setUint16(0, filter.length / 8, true);
  view.setBigUint64(8, BigInt(script.place(filter)), true);
  script.add(X64.seccomp, SECCOMP_SET_MODE_FILTER, 0, script.place(program));
}
