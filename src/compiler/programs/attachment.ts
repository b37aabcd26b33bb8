import type { Assembled } from "../../bpf/asm/index.ts";

/** Where a program runs, and what its context (r1 at its start) holds. */
export type Attachment =
  /** sys_enter (regs, id), sys_exit (regs, ret), sched_process_exec (task, old pid, binprm). */
  | { readonly kind: "raw_tracepoint"; readonly name: string }
  /** (regs), fexit (regs, ret); fmod_ret decides the return value unless it gives 0. */
  | {
      readonly kind: "fentry" | "fexit" | "fmod_ret";
      readonly function: string;
      /** It may wait for memory. */
      readonly sleeps?: boolean;
    }
  /** The registers of the probed function itself; a kprobe decides by bpf_override_return. */
  | {
      readonly kind: "kprobe" | "kretprobe";
      readonly function: string;
      readonly overrides: boolean;
    }
  /** Arguments of the hook; `function` is what it attaches to. */
  | { readonly kind: "lsm" | "hook"; readonly function: string };

export interface CompiledProgram {
  readonly attachment: Attachment;
  readonly code: Assembled;
  /**
   * Indexes of the rules that it works for: a run that the kernel skips may have been for any of them. None: no rule
   * depends on it.
   */
  readonly rules: readonly number[];
}
