/** What the findings come to: what rules can do on this machine, by which means, and what to change. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { table } from "../../base/table.ts";
import { InconclusiveProbeError } from "../../bpf/index.ts";
import { ENGINES } from "../../engines/engines.ts";
import { MECHANISMS } from "../../engines/supervised/index.ts";
import { nativeAbi } from "../../linux/index.ts";
import { SyscallError } from "../../sys/index.ts";
import { adviceOnExhaustion, isMachineFailure, type MachineFailure } from "../errors.ts";
import { NOT_TRIED } from "../kernel-trial.ts";
import { type Check, REFUSED, readText } from "./checks.ts";

export interface DoctorVerdict {
  readonly name: "observing" | "enforcing" | "sct run" | "service";
  readonly isGood: boolean;
  /** It could not be tried: neither yes nor no. */
  readonly isUntried?: true;
  /** One line for each means, or why there is none. */
  readonly lines: readonly string[];
  readonly fix?: string;
}

type Machine = Awaited<ReturnType<typeof ENGINES.kernel.explain>>["machine"];

export async function findVerdicts(checks: readonly Check[]): Promise<readonly DoctorVerdict[]> {
  const missing = checks.filter(
    ({ isNeeded, isGood, isUntried }) => isNeeded && !isGood && !isUntried,
  );
  const { machine, unknown } = missing.length > 0 ? NO_MACHINE : await findMachine();
  if (unknown !== undefined)
    return [
      notFoundOut("observing", unknown),
      notFoundOut("enforcing", unknown),
      supervising(),
      service(machine),
    ];
  const decisions = checks.some(({ isUntried }) => isUntried) ? UNTRIED : enforcing(machine);
  return [observing(missing, machine), decisions, supervising(), service(machine)];
}

/** The probes could not be carried out now. */
function notFoundOut(
  name: DoctorVerdict["name"],
  { message, hint }: MachineFailure,
): DoctorVerdict {
  const fix = hint === undefined ? {} : { fix: hint };
  return { name, isGood: false, isUntried: true, lines: [message], ...fix };
}

const UNTRIED: DoctorVerdict = {
  name: "enforcing",
  isGood: false,
  isUntried: true,
  lines: [NOT_TRIED],
  fix: "run sct with sudo; 'sct run' enforces without",
};

interface FoundMachine {
  readonly machine: Machine | undefined;
  /** Why it is not known what the machine can do. */
  readonly unknown?: MachineFailure;
}

const NO_MACHINE: FoundMachine = { machine: undefined };

async function findMachine(): Promise<FoundMachine> {
  try {
    return { machine: (await ENGINES.kernel.explain()).machine };
  } catch (error) {
    if (!isMachineFailure(error)) throw error;
    const isKnown = !(error instanceof InconclusiveProbeError || error instanceof SyscallError);
    return isKnown ? NO_MACHINE : { machine: undefined, unknown: error };
  }
}

function observing(missing: readonly Check[], machine: Machine | undefined): DoctorVerdict {
  if (machine === undefined) {
    const names = missing.map(({ name }) => name).join(", ");
    const fix = missing.find((check) => check.fix !== undefined)?.fix;
    return {
      name: "observing",
      isGood: false,
      lines: [`rules cannot be watched system-wide: ${names} missing`],
      ...(fix === undefined ? {} : { fix }),
    };
  }
  const traces = machine.entryFunction(nativeAbi, "openat") !== undefined;
  const returns = machine.canOverrideReturn || machine.canModifyReturn;
  const unless =
    machine.isPreemptive && !returns ? " unless rules deny: tracepoints decide then" : "";
  const line = traces
    ? `at the functions of the calls that rules name; other calls cost nothing${unless}`
    : "at the tracepoints of all system calls; others than named leave after a short test";
  return { name: "observing", isGood: true, lines: [line] };
}

function enforcing(machine: Machine | undefined): DoctorVerdict {
  const lines: string[] = [];
  const skips = "the kernel skips runs under preempt=full and lazy";
  if (machine?.canOverrideReturn || machine?.canModifyReturn) {
    const means = machine.canOverrideReturn ? "kprobe" : "fmod_ret";
    lines.push(`return values of calls (${means}): FAIL of any call with any error, but ${skips}`);
  }
  if (machine?.hookKind === "lsm")
    lines.push("security hooks (lsm): FAIL of calls that reach one; PATH is free of races");
  if (machine?.hookKind === "fmod_ret")
    lines.push(
      `security hooks (fmod_ret): FAIL of calls that reach one; PATH is free of races, but ${skips}`,
    );
  if (lines.length > 0) return { name: "enforcing", isGood: true, lines };
  return {
    name: "enforcing",
    isGood: false,
    lines: [
      "no program may decide over calls: FAIL is refused, KILL and SUSPEND act right after the call",
    ],
    fix: machine === undefined ? REFUSED : `${REFUSED}; or 'sct run' for one command`,
  };
}

/** Both mechanisms, tried on a command that does nothing. */
function supervising(): DoctorVerdict {
  const results = Object.values(MECHANISMS).map((one) => ({ ...one, ...tryToRun(one.when) }));
  const lines = results.map(({ name, takes, error, untried }) => {
    if (untried !== undefined) return `${name} was not tried: ${untried.message}`;
    return error === undefined ? `${name} works: ${takes}` : `${name} does not work: ${error}`;
  });
  const actions = readText("/proc/sys/kernel/seccomp/actions_avail");
  const scope = readText("/proc/sys/kernel/yama/ptrace_scope");
  if (actions === undefined)
    lines.push("seccomp: this kernel does not show what its filters can do");
  else if (!actions.split(" ").includes("user_notif"))
    lines.push(`seccomp: filters know ${actions}, and no user_notif`);
  if (scope !== undefined)
    lines.push(`kernel.yama.ptrace_scope is ${scope}: ${YAMA[scope] ?? "unknown"}`);
  const { untried } = results.find((one) => one.untried !== undefined) ?? {};
  if (untried !== undefined) {
    const fix = adviceOnExhaustion(untried);
    const fixed = fix === undefined ? {} : { fix };
    return { name: "sct run", isGood: false, isUntried: true, lines, ...fixed };
  }
  const isGood = results.every(({ error }) => error === undefined);
  const fix =
    scope === "2" || scope === "3"
      ? "sysctl kernel.yama.ptrace_scope=1 (from 3 only by a reboot)"
      : "a container must allow seccomp filters and ptrace: --security-opt seccomp=unconfined, --cap-add SYS_PTRACE";
  return { name: "sct run", isGood, lines, ...(isGood ? {} : { fix }) };
}

const YAMA = table<string>({
  "0": "any process of the user may be traced",
  "1": "what a process starts may be traced, which is enough",
  "2": "only with CAP_SYS_PTRACE",
  "3": "nothing may be traced",
});

const TRY_TIMEOUT_MS = 60_000;

interface Trial {
  /** Why `true` cannot be run under a rule; undefined: it can. */
  readonly error?: string;
  /** What kept it from being started at all, which says nothing of the mechanism. */
  readonly untried?: Error;
}

function tryToRun(when: "before" | "after"): Trial {
  const rule = `rule { syscall_name = getppid when = ${when} action { type = LOG } }`;
  // this very program, from sources or built as one file
  const main = process.argv[1] ?? "";
  const { status, signal, stderr, error } = spawnSync(
    process.execPath,
    [main, "run", "-e", rule, "--", "true"],
    { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"], timeout: TRY_TIMEOUT_MS },
  );
  if (error !== undefined) {
    const isTimeout = (error as NodeJS.ErrnoException).code === "ETIMEDOUT";
    return isTimeout ? { error: `no end within ${TRY_TIMEOUT_MS / 1000} s` } : { untried: error };
  }
  if (status === 0) return {};
  const [line = ""] = stderr.trim().split("\n");
  return { error: line || (signal ?? `status ${status}`) };
}

function service(machine: Machine | undefined): DoctorVerdict {
  const path = "/sys/fs/bpf";
  const isMounted = readFileSync("/proc/self/mounts", "latin1")
    .split("\n")
    .some((line) => line.split(" ")[1] === path && line.split(" ")[2] === "bpf");
  const place = isMounted
    ? `rules outlive it: the file system of BPF is mounted at ${path}`
    : `the file system of BPF is not mounted at ${path}; sct load mounts it`;
  if (machine === undefined)
    return { name: "service", isGood: false, lines: ["it needs what observing needs", place] };
  return {
    name: "service",
    isGood: true,
    lines: [place],
    ...(isMounted ? {} : { fix: `mount -t bpf bpf ${path}` }),
  };
}
