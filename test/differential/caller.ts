/** What rules ask of a caller beside numbers and names of its record: behind pointers of the kernel's task. */
import { readFileSync, readlinkSync } from "node:fs";
import type { SimulatedCaller } from "../../src/compiler/testing/objects.ts";
import { cgroupId, containerOf } from "../../src/engines/supervised/task/namespaces.ts";
import { ProcFiles } from "../../src/engines/supervised/task/proc-files.ts";
import { type CheckedRule, factsOf } from "../../src/language/index.ts";
import type { IntVariable, StringVariable } from "../../src/variables/index.ts";

export interface TestCaller {
  readonly numbers: Readonly<Partial<Record<IntVariable, bigint>>>;
  readonly texts: Readonly<Partial<Record<StringVariable, string>>>;
  /** Numbers and names, the parent first. */
  readonly ancestors: readonly (readonly [pid: number, comm: string])[];
}

const NUMBERS: ReadonlySet<string> = new Set(["CAPS", "CGROUP", "PIDNS", "MNTNS", "NSPID"]);
const TEXTS: ReadonlySet<string> = new Set(["CONTAINER", "EXE", "CWD"]);

/** Whether rules ask for any of it. */
export function asksForCaller(rules: readonly CheckedRule[]): boolean {
  return rules.some(({ targets, frequency }) => {
    const keys = [frequency?.occurrence?.per, frequency?.threshold?.per];
    if (keys.some((key) => key !== undefined && NUMBERS.has(key))) return true;
    return targets.some(({ filter }) => {
      const { variables, ancestors } = factsOf(filter);
      return ancestors.size > 0 || [...variables].some((one) => NUMBERS.has(one) || TEXTS.has(one));
    });
  });
}

const ID = "0123456789abcdef".repeat(4);
const shell = {
  ...{ pid: 4242, tid: 4242, ppid: 7, ids: {}, loginuid: 0, sessionid: 0, flags: 0 },
  ...{ comm: "a", pcomm: "passwd", cgroupOfController: undefined },
};

/** Callers of an interpreter's kernel. */
export const SIMULATED: readonly SimulatedCaller[] = [
  {
    ...shell,
    ...{ exe: "/etc/passwd", cwd: "/etc", caps: 0n, pidns: 1000, mntns: 0xffff_ffff },
    ...{ pids: [4242], cgroup: "/", cgroupId: 1n, ancestors: [[1, "init"]] },
  },
  {
    ...shell,
    ...{ exe: "/tmp/x/y.txt", cwd: "/tmp", caps: 0x1ff_ffff_ffffn, pidns: 2, mntns: 5 },
    ...{ pids: [4242, 7, 1], cgroup: `/a/docker-${ID}.scope/b`, cgroupId: 0x200n },
    ppid: 1000,
    ancestors: [
      [5, "a"],
      [77, "ab"],
      [1, "init"],
    ],
  },
  {
    ...shell,
    ...{ exe: "/a", cwd: "/", caps: 0x21n, pidns: 0x8000_0000, mntns: 0, ppid: 1, pcomm: "init" },
    ...{ pids: [1, 1000], cgroup: "/x", cgroupId: (1n << 64n) - 1n, ancestors: [] },
    cgroupOfController: `/kubepods/${ID}`,
  },
];

export function simulatedCaller(caller: SimulatedCaller): TestCaller {
  const { caps, cgroupId: group, pidns, mntns, pids, exe, cwd, ancestors, ppid, pcomm } = caller;
  const path = [caller.cgroup, caller.cgroupOfController].find((one) => one?.includes(ID));
  return {
    numbers: {
      ...{ CAPS: caps, CGROUP: group, PIDNS: BigInt(pidns), MNTNS: BigInt(mntns) },
      NSPID: BigInt(pids.at(-1) ?? 0),
    },
    texts: { EXE: exe, CWD: cwd, CONTAINER: path === undefined ? "" : ID },
    ancestors: [[ppid, pcomm], ...ancestors],
  };
}

/** This process. */
export function ownCaller(): TestCaller {
  const files = new ProcFiles();
  const status = readFileSync("/proc/self/status", "latin1");
  const field = (name: string): string =>
    new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
  const namespace = (name: string): bigint =>
    BigInt(/\[(\d+)\]/.exec(readlinkSync(`/proc/self/ns/${name}`))?.[1] ?? -1);
  const group = cgroupId(files, process.pid);
  return {
    numbers: {
      CAPS: BigInt(`0x${field("CapEff")}`),
      ...{ PIDNS: namespace("pid"), MNTNS: namespace("mnt") },
      NSPID: BigInt(field("NSpid").split(/\s/).at(-1) ?? -1),
      ...(group === undefined ? {} : { CGROUP: group }),
    },
    texts: {
      ...{ EXE: readlinkSync("/proc/self/exe"), CWD: process.cwd() },
      CONTAINER: Buffer.from(containerOf(files, process.pid) ?? []).toString("latin1"),
    },
    ancestors: ancestorsOf(process.ppid),
  };
}

function ancestorsOf(pid: number): readonly (readonly [number, string])[] {
  if (pid === 0) return [];
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const end = stat.lastIndexOf(")");
  const parent = Number(stat.slice(end + 2).split(" ")[1]);
  return [[pid, stat.slice(stat.indexOf("(") + 1, end)], ...ancestorsOf(parent)];
}
