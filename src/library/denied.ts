/** Why calls were denied, or would be: by policy and list, with the entries that would allow them. */
import type { PolicyRight } from "../language/index.ts";

/** A file or an address that a list of a policy does not allow. */
export interface DeniedName {
  /** Of a file, or an address with its port. */
  readonly name: string;
  readonly call: string;
  readonly calls: number;
  /** Names of the threads. */
  readonly programs: readonly string[];
}

/** A list of a policy that denied something, and what it lacks. */
export interface DeniedList {
  readonly list: PolicyRight;
  /** `file:line` of the list. */
  readonly at: string;
  readonly calls: number;
  /** The most frequent first. */
  readonly names: readonly DeniedName[];
  /** Entries for the list that would allow them. */
  readonly add: readonly string[];
  /** What no entry is proposed for. */
  readonly notProposed: readonly { readonly name: string; readonly why: string }[];
}

/** What a policy has denied. */
export interface DeniedByPolicy {
  readonly policy: string;
  /** False: the calls were only reported. */
  readonly denied: boolean;
  readonly lists: readonly DeniedList[];
}
