/** Finds out what the running kernel allows the compiler to use: by loading small programs, never by its version. */
import { existsSync } from "node:fs";
import { version } from "node:os";
import {
  type Btf,
  FEATURES,
  isUsable,
  readIfThere,
  readVmlinuxBtf,
  releaseVmlinuxBtf,
} from "../../bpf/index.ts";
import type { EntryFunction, LookupFunction, Machine } from "../../compiler/index.ts";
import type { Abi } from "../../language/index.ts";
import { findCall, hookFunction } from "../../linux/index.ts";
import { KPROBE_TYPE } from "./attach.ts";
import { readKernelFacts } from "./facts.ts";
import { probeLookup } from "./lookup.ts";

/** How programs observe calls; `tracepoints` by force makes every machine behave like the plainest. */
export type Observe = "auto" | "tracepoints";

/**
 * Throws UnsupportedError when the kernel has no BTF or lacks a member that programs need, and InconclusiveProbeError when a
 * probe could not be carried out now: rules would be refused, or deny less, for what has nothing to do with the kernel.
 */
export function probeMachine(observe: Observe = "auto"): Machine {
  const facts = readKernelFacts(readVmlinuxBtf());
  const has = (name: string): boolean => {
    const feature = FEATURES.find((f) => f.name === name);
    if (feature === undefined) throw new Error(`no probe is called ${name}`);
    return isUsable(name, feature.probe());
  };
  const canTrace =
    observe === "auto" &&
    has("fentry programs on system calls") &&
    has("fexit programs on system calls");
  const canModifyReturn = canTrace && has("fmod_ret programs on system calls");
  const hookKind = canTrace ? probeHookKind(has) : undefined;
  const canProbe = canTrace && existsSync(KPROBE_TYPE);
  let lookup: { readonly found: LookupFunction | undefined } | undefined;
  // the other programs are attached without types
  if (!canTrace) releaseVmlinuxBtf();
  return {
    facts,
    // read again when it is asked: a service keeps the machine for years
    entryFunction: (abi, call) =>
      canTrace ? entryFunction(readVmlinuxBtf(), abi, call, canProbe) : undefined,
    canProbe,
    canModifyReturn,
    canOverrideReturn: canProbe && has("bpf_override_return in kprobe programs"),
    hookKind,
    hasHook: (hook) =>
      hookKind !== undefined &&
      readVmlinuxBtf().functionId(hookFunction(hook, hookKind)) !== undefined,
    hookArgument: (hook, name) => {
      if (hookKind === undefined) return undefined;
      const parameters = readVmlinuxBtf().functionParameters(hookFunction(hook, hookKind));
      const at = parameters?.findIndex((parameter) => parameter.name === name) ?? -1;
      return at < 0 ? undefined : at;
    },
    // only few rules need it
    get lookup() {
      lookup ??= { found: canTrace ? probeLookup() : undefined };
      return lookup.found;
    },
    isPreemptive: isPreemptive(),
    canLoop: has("bpf_loop with a callback"),
    canSleep: canTrace && has("sleepable programs on system calls"),
  };
}

/** How a kernel that can choose has chosen; in brackets. */
const CHOSEN_PREEMPTION = "/sys/kernel/debug/sched/preempt";

/**
 * Where the kernel does not say how it has chosen (no debugfs, no CONFIG_SCHED_DEBUG), its command line counts: no
 * distribution is preemptive by default. Runs that are skipped are counted in any case.
 */
function isPreemptive(): boolean {
  // "#1 SMP PREEMPT_DYNAMIC Debian 6.12.…"
  if (!/\bPREEMPT/.test(version())) return false;
  if (!/\bPREEMPT_DYNAMIC\b/.test(version())) return true;
  const chosen = textOf(CHOSEN_PREEMPTION);
  if (chosen !== undefined) return !/\((none|voluntary)\)/.test(chosen);
  return /\bpreempt=(full|lazy)\b/.test(textOf("/proc/cmdline") ?? "");
}

function textOf(path: string): string | undefined {
  const bytes = readIfThere(path);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("latin1");
}

/** LSM programs load on kernels that never call them: bpf must also be among the active modules. */
function probeHookKind(has: (name: string) => boolean): "lsm" | "fmod_ret" | undefined {
  if (has("lsm programs") && has("bpf among the active security modules")) return "lsm";
  return has("fmod_ret programs on security hooks") ? "fmod_ret" : undefined;
}

function entryFunction(
  btf: Btf,
  abi: Abi,
  call: string,
  canProbe: boolean,
): EntryFunction | undefined {
  const found = findCall(call, abi);
  if (found?.symbol === undefined) return undefined;
  const { symbol } = found;
  // whether a 32-bit call has a compat entry of its own differs between kernels
  const other = symbol.startsWith("__ia32_compat_sys_")
    ? symbol.replace("__ia32_compat_sys_", "__ia32_sys_")
    : symbol.replace("__ia32_sys_", "__ia32_compat_sys_");
  for (const name of [symbol, other]) {
    if (btf.functionId(name) !== undefined) return { name, via: "trampoline" };
  }
  if (!canProbe || found.params.length > 0) return undefined;
  // calls without parameters have no type information, and one function under two names for both ABIs
  return { name: symbol.replace("__ia32_sys_", "__x64_sys_"), via: "kprobe" };
}
