/** What the resident engine is given, and what a change of its rules comes to. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import type { RuleCounters } from "../engine.ts";
import type { LoadRules } from "./loading/load.ts";
import type { Generation } from "./manifest.ts";

/** Receives the last numbers of rules that no call is judged by any more. */
export type OnRetired = (generation: number, rules: readonly RuleCounters[]) => void;

export interface ResidentOptions {
  /** Directory of the pins in bpffs; made if it is not there. */
  readonly pinDir: string;
  /** Directory for what must be known of pinned rules; it should not outlive the boot. */
  readonly runDir: string;
  /** Bytes of the event ring where none is pinned; a power of two of whole pages. */
  readonly ringBytes?: number;
  /** Longest that an event waits to be read while others come; default: 10 ms. */
  readonly latencyMs?: number;
  /** How rules are loaded; default: in a thread of their own. */
  readonly load?: LoadRules;
}

export type ReplaceResult =
  | { readonly ok: true; readonly generation: Generation }
  /** The rules before stay in force. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };
