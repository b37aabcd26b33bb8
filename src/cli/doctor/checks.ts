/** What `sct doctor` looks at: the probes of src/bpf, and facts that the system says about itself. */

import { readFileSync } from "node:fs";
import { table } from "../../base/table.ts";
import { FEATURES, type Feature } from "../../bpf/index.ts";
import { landlockVersion } from "../../engines/supervised/index.ts";
import { canTryKernel } from "../kernel-trial.ts";
import { runs32Bit } from "./runs-32-bit.ts";

export interface Check {
  readonly name: string;
  /** First Linux that can have it. */
  readonly since?: string;
  readonly isGood: boolean;
  /** Whether the kernel engine cannot run without. */
  readonly isNeeded: boolean;
  /** What is the case, if it needs words. */
  readonly finding?: string;
  /** What it means for rules. */
  readonly means: string;
  /** What would change it. */
  readonly fix?: string;
  /** Words for good and not, where yes and no do not say it. */
  readonly marks?: readonly [good: string, bad: string];
  /** It could not be tried: neither yes nor no. */
  readonly isUntried?: true;
}

interface Meaning {
  readonly needed?: true;
  readonly means: string;
  readonly fix?: string;
}

const TRACING =
  "calls that no rule names cost nothing; without it, all calls pass a short test at a tracepoint";
const WAITING =
  "text on a page that was never touched is known before the call, where the call's own function decides";
const ENFORCING = "one of the ways to decide about calls before they have any effect";

/** By the name of the feature; each has one. */
export const MEANINGS = table<Meaning>({
  "kernel type information (BTF)": {
    needed: true,
    means: "where the kernel keeps what rules ask for",
    fix: "use a kernel built with CONFIG_DEBUG_INFO_BTF=y",
  },
  "ringbuf maps": { needed: true, means: "how events reach us", fix: "use Linux 5.8 or newer" },
  "task_storage maps": { needed: true, means: "memory for calls that are under way" },
  "raw tracepoint programs": { needed: true, means: "how every system call is seen" },
  "reading kernel objects directly": { needed: true, means: "ids and names of the caller" },
  "task storage in raw tracepoint programs": {
    needed: true,
    means: "what `after` rules remember of the call's begin",
    fix: "use Linux 5.12 or newer",
  },
  "bpf_send_signal in raw_tracepoint programs": { means: "actions KILL and SUSPEND" },
  "prog_array maps": { means: "changing rules without a gap" },
  "bpf_loop with a callback": { means: "text patterns, resolved paths (PATH), lengths of vectors" },
  "jumps of 32 bits (gotol)": { means: "very large rule sets" },
  "tp_btf programs": { means: TRACING },
  "fentry programs on system calls": { means: TRACING },
  "fexit programs on system calls": { means: TRACING },
  "fmod_ret programs on system calls": { means: ENFORCING },
  "sleepable programs on system calls": { means: WAITING },
  "fmod_ret programs on security hooks": { means: ENFORCING },
  "bpf_override_return in kprobe programs": { means: ENFORCING },
  "lsm programs": { means: ENFORCING },
  "bpf among the active security modules": { means: ENFORCING },
});

export const REFUSED =
  "this kernel refuses it even to root: use one that was built with it, or leave the container";

export function runChecks(): readonly Check[] {
  const canTry = canTryKernel();
  return [
    checkRoot(),
    ...FEATURES.map((feature) => checkFeature(feature, canTry)),
    checkLandlock(landlockVersion()),
    checkIoUring(),
    checkCompat(),
  ];
}

function checkRoot(): Check {
  const uid = process.geteuid?.();
  return {
    name: "root",
    isGood: uid === 0,
    isNeeded: true,
    ...(uid === 0 ? {} : { finding: `running as user ${uid}`, fix: "run sct with sudo" }),
    means: "loading programs into the kernel",
  };
}

function checkFeature(feature: Feature, canTry: boolean): Check {
  const { name, since } = feature;
  const result = feature.probe();
  const { needed, means, fix } = MEANINGS[name] as Meaning;
  const common = { name, since, means, isNeeded: needed === true };
  if (result.outcome === "supported") return { ...common, isGood: true };
  // what a user may not do says nothing of the kernel
  if (!canTry && result.outcome === "refused")
    return { ...common, isGood: false, isUntried: true, finding: "not tried: that needs root" };
  const isKnown = result.outcome !== "inconclusive";
  // a privilege that is there already is no advice
  const isRoot = process.geteuid?.() === 0;
  const refused = isRoot && result.outcome === "refused";
  const { reason, advice = fix } = refused ? { ...result, advice: REFUSED } : result;
  return {
    ...common,
    isGood: false,
    ...(isKnown ? {} : { isUntried: true }),
    finding: isKnown ? reason : `could not be tried: ${reason}`,
    ...(advice === undefined ? {} : { fix: advice }),
  };
}

/** What came with which version of Landlock, as policies use it. */
const LANDLOCK_HOLDS: readonly (readonly [version: number, what: string])[] = [
  [3, "files and folders"],
  [4, "ports of TCP"],
  [6, "abstract unix sockets"],
  [7, "denials in the audit log"],
];

/** `version`: of the kernel's Landlock; 0: there is none. */
export function checkLandlock(version: number): Check {
  const held = LANDLOCK_HOLDS.flatMap(([since, what]) => (since <= version ? [what] : []));
  const isGood = held.length > 0;
  const found = isGood ? held.join(", ") : "too old: policies need 3, which Linux 6.2 has";
  return {
    name: "Landlock",
    since: "6.2",
    isGood,
    isNeeded: false,
    finding: version === 0 ? "this kernel has none, or it is off" : `ABI ${version}: ${found}`,
    means:
      "policies of 'sct run' are held by the kernel, without races and at no cost; without it sct decides alone",
    ...(isGood ? {} : { fix: "use Linux 6.2 or newer with 'landlock' in the kernel's lsm= list" }),
  };
}

/** Values of the sysctl, since Linux 6.6. */
const IO_URING_DISABLED = table<string>({
  "0": "any process can use it",
  "1": "only privileged processes and those of kernel.io_uring_group can use it",
  "2": "nobody can use it",
});

function checkIoUring(): Check {
  const value = readText("/proc/sys/kernel/io_uring_disabled");
  const isGood = value === "2";
  return {
    name: "io_uring",
    marks: ["off", "on"],
    isGood,
    isNeeded: false,
    finding:
      value === undefined
        ? "this kernel has no switch for it: any process can use it, if the kernel has it"
        : (IO_URING_DISABLED[value] ?? `kernel.io_uring_disabled is ${value}`),
    means:
      "what it does to files and sockets is no system call: rules see it only where they act in security hooks " +
      "('sct check --explain' says for each rule); 'sct run' refuses it to its command where rules act",
    ...(isGood ? {} : { fix: "sysctl kernel.io_uring_disabled=2, if nothing here uses it" }),
  };
}

function checkCompat(): Check {
  const runs = runs32Bit();
  const has = (readText("/proc/kallsyms") ?? "").includes(" __ia32_sys_unlink\n");
  const none = has
    ? "the kernel has them, but they are switched off: 32-bit programs do not run"
    : "the kernel has none, so there is nothing to cover";
  return {
    name: "32-bit system calls",
    isGood: runs,
    isNeeded: false,
    finding: runs ? "the kernel has them" : none,
    means: "rules cover 32-bit programs and int 0x80 too",
  };
}

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1").trim();
  } catch {
    return undefined;
  }
}
