/** Kinds of machines that rules are compiled for, as src/engines/kernel finds them on real ones. */
import { type Machine, tracepointsOnly } from "../machine.ts";
import { KERNEL_FACTS } from "./kernel-facts.ts";

const TRACEPOINTS = tracepointsOnly(KERNEL_FACTS);

/** Functions of calls can be attached to; security hooks as well. Debian's kernels. */
const HOOKS: Machine = {
  ...TRACEPOINTS,
  entryFunction: (abi, call) => ({
    name: `${abi === "i386" ? "__ia32" : "__x64"}_sys_${call}`,
    via: "trampoline",
  }),
  canProbe: true,
  hookKind: "lsm",
  hasHook: () => true,
};

export const MACHINES = {
  tracepoints: TRACEPOINTS,
  hooks: HOOKS,
  /** The same where the kernel interrupts programs. */
  preemptive: { ...HOOKS, isPreemptive: true },
  /** Hooks without LSM programs. */
  fmodRet: { ...HOOKS, hookKind: "fmod_ret" },
  /** Error injection by trampolines, no probes, no hooks. */
  modifies: { ...HOOKS, hookKind: undefined, canProbe: false, canModifyReturn: true },
  /** Error injection by probes. */
  overrides: {
    ...HOOKS,
    hookKind: undefined,
    canModifyReturn: true,
    canOverrideReturn: true,
  },
} as const satisfies Readonly<Record<string, Machine>>;
