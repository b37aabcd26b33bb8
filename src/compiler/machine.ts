/** What the compiler may use on the machine that the programs are for. Plain answers, found by the engine's probes. */
import type { Abi } from "../language/vocabulary.ts";
import type { KernelFacts } from "./facts.ts";

export interface EntryFunction {
  readonly name: string;
  /** Calls without parameters have no type information: only kprobes can attach to them. */
  readonly via: "trampoline" | "kprobe";
}

/** A kernel function that looks up a name; numbers are those of arguments, behind which the result lies. */
export interface LookupFunction {
  readonly name: string;
  /** struct path *, where it writes what it has found. */
  readonly path: number;
  readonly result: number;
}

export interface Machine {
  readonly facts: KernelFacts;
  /** Kernel function of a call that programs can attach to; undefined: only the tracepoints see the call. */
  entryFunction(abi: Abi, call: string): EntryFunction | undefined;
  /** Kprobes can be attached. Unlike trampolines no preempted run of a program makes the kernel skip them. */
  readonly canProbe: boolean;
  /** fmod_ret programs on the functions of calls decide their return value (error injection). */
  readonly canModifyReturn: boolean;
  /** The same for kprobes (bpf_override_return). */
  readonly canOverrideReturn: boolean;
  /** How programs get to decide in security hooks, if they can. */
  readonly hookKind: "lsm" | "fmod_ret" | undefined;
  hasHook(hook: string): boolean;
  /** Number of an argument of the hook by its name; undefined: it has none of that name. */
  hookArgument(hook: string, name: string): number | undefined;
  /** Where the kernel looks up names for calls, if programs see that; undefined: they do not. */
  readonly lookup: LookupFunction | undefined;
  /**
   * The kernel may interrupt a program and run another task on its processor: it then skips that task's runs of
   * trampoline programs, and kprobes while bpf(2) changes a map. LSM programs and tracepoints are never skipped.
   */
  readonly isPreemptive: boolean;
  /** Programs may walk paths that no rule asks for (bpf_loop, since Linux 5.17). */
  readonly canLoop: boolean;
  /** Programs at the functions of calls may wait for memory to be brought in (sleepable: error injection). */
  readonly canSleep: boolean;
}

/** A machine where only tracepoints can be used. */
export function tracepointsOnly(facts: KernelFacts): Machine {
  return {
    facts,
    entryFunction: () => undefined,
    canProbe: false,
    canModifyReturn: false,
    canOverrideReturn: false,
    hookKind: undefined,
    hasHook: () => false,
    hookArgument: () => undefined,
    lookup: undefined,
    isPreemptive: false,
    canSleep: false,
    canLoop: true,
  };
}
