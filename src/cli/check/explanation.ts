/** What `sct check --explain` says of a rule: data, printed as text or JSON. */
import type { Abi } from "../../language/index.ts";

export interface Explanation {
  readonly rule: string;
  /** `file:line` */
  readonly at: string;
  readonly when: "before" | "after";
  /** The calls seen for each name of the rule. */
  readonly covers: readonly {
    readonly name: string;
    readonly calls: readonly { readonly call: string; readonly abi: Abi; readonly nr: number }[];
  }[];
  /** Parameters that a call has elsewhere than the rule's name has them, and how they are found. */
  readonly elsewhere: readonly { readonly what: string; readonly how: string }[];
  /** Members of classes that the rule does not mean. */
  readonly leftOut: readonly { readonly calls: readonly string[]; readonly why: string }[];
  /** Where programs would be attached here. */
  readonly programs: readonly {
    readonly kinds: readonly string[];
    readonly at: readonly string[];
  }[];
  /** Of a rule that takes only some of the calls: what counts, and for how long. */
  readonly counts: readonly string[];
  /** 32-bit callers. */
  readonly compat: string;
  readonly ioUring: string;
  /** Each action with when and how it takes effect. */
  readonly actions: readonly { readonly type: string; readonly how: readonly string[] }[];
  /** Whether what the filter sees is what the call will use. */
  readonly race: string;
  /** Ways around the rule, system-wide, by calls that it does not name; with rules that close them. */
  readonly leftOpen: readonly { readonly way: string; readonly rules: readonly string[] }[];
  /** Why the rule cannot be loaded here, or on any machine. */
  readonly refused: readonly string[];
  /** Why it is not known what this machine does with the rule; null: it is known. */
  readonly untried: string | null;
  /** What `sct run` would do with it. */
  readonly run: string;
}
