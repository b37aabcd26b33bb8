/** What `sct check --explain` tells of a rule: data, printed as text or JSON. */
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
  /** How the kernel is asked, or why it cannot be. */
  readonly observed: string;
  readonly compat: string;
  readonly ioUring: string;
  readonly actions: readonly { readonly type: string; readonly how: string }[];
  /** Whether what the filter sees is what the call will use. */
  readonly race: string;
  /** What this engine refuses in the rule; it cannot be loaded then. */
  readonly refused: readonly string[];
}
