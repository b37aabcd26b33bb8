/** The engine as the service uses it; src/engines/kernel/resident.ts is one. */
import type { Diagnostic } from "../base/diagnostic.ts";
import type { RingBuffer } from "../bpf/index.ts";
import type { EngineCounters, RuleCounters } from "../engines/engine.ts";
import type { Loading } from "../engines/kernel/index.ts";
import type { Site } from "../events/site.ts";
import type { CheckedRule } from "../language/index.ts";
import type { Note } from "../store/index.ts";

/** A rule set as it was loaded. */
export interface LoadedGeneration {
  readonly generation: number;
  readonly loadedAtMs: number;
  /** Canonical text of its rules. */
  readonly source: string;
  readonly rules: readonly CheckedRule[];
  /** Its records carry the numbers [firstSite, firstSite + sites.length). */
  readonly firstSite: number;
  readonly sites: readonly Site[];
  readonly notices: readonly string[];
}

export type Replacement =
  | { readonly ok: true; readonly generation: LoadedGeneration }
  /** The rules ask for what this machine cannot do; those before stay in force. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export interface ServiceEngine {
  /** Positions are comparable for the same ring only. */
  readonly ringId: string;
  readonly ring: RingBuffer;
  /** Kept in the kernel for the next service; gone with the pins. */
  readonly note: Note;
  /** The one in force is the last; older ones may have records in the ring. */
  readonly generations: readonly LoadedGeneration[];
  readonly current: LoadedGeneration | undefined;
  /** Rules act that a service before loaded, and nothing describes them any more: until `replace` or `unload`. */
  readonly hasUnknownRules: boolean;
  /** What of the last change of rules is left to be done; the new ones act. */
  readonly unfinished: string | undefined;
  /** Pins of the rules in force that somebody has removed. */
  readonly unpinned: string | undefined;
  /** What keeps the rules in force up to date with files and cannot do so now. */
  readonly outdated: readonly string[];
  /** Writes again what the next service must know of the rules in force, where that was removed. True: it was. Throws MachineError. */
  describeAgain(): boolean;
  /** What a service before left and this one cannot read. */
  readonly leftUnread: string | undefined;
  /**
   * Gives the last numbers of rule sets that a service before put out of force and could not account for any more, and
   * removes them.
   */
  retireOthers(onRetired: (generation: number, rules: readonly RuleCounters[]) => void): void;
  /** The rule set that is being loaded. */
  readonly loading: Loading | undefined;
  /** Rules that are not loaded within this time are refused. */
  deadlineMs: number;
  /** Ends the load that lasts, if one does; `replace` throws a LoadAbortedError then. */
  abortLoading(): void;
  /**
   * In one step, while everything else continues; throws when the kernel refuses, and then nothing has changed. `onRetired` is given the last numbers of the
   * rule set before, when no call is judged by it any more.
   */
  replace(
    rules: readonly CheckedRule[],
    source: string,
    onRetired: (generation: number, rules: readonly RuleCounters[]) => void,
  ): Promise<Replacement>;
  /** Of the rules in force. */
  counters(): EngineCounters;
  /** Lets go; rules keep acting. */
  close(): void;
  /**
   * Takes everything out of the kernel; `beforeRemoval` runs when no more events come and the ring is still there.
   * Throws, and changes nothing, while somebody else holds a part of it.
   */
  unload(beforeRemoval: () => void): void;
}
