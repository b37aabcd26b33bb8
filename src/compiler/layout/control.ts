/**
 * What user space lets running programs know, the only entry of the array map `sct_control`:
 *
 *   0                     4          8                         16          24           28         32
 *   | generation in force | own pid  | own start, clock ticks  | next site | transition | entering |
 *
 * Programs of another generation let every new call pass, so that one store swaps rule sets for the whole machine:
 * each call is judged by exactly one of them. What a generation has begun with a call it also finishes.
 *
 * While rule sets are swapped, programs of both run for one call, one after the other, and the store can come between
 * the two. In a transition, therefore, the first of them writes down for the thread which generation judges the call
 * (`entering` says which), and the second finds it written. A program at sys_exit, there for as long as the
 * transition, takes it away again. The task storage `sct_turns`:
 *
 *   0            4            8
 *   | transition | generation |
 *
 * The order of the stores: the transition begins with the generation before as the one of entering calls, and programs
 * that have seen no transition get time to end; then calls enter to the next generation; after as much time again the
 * transition ends, which changes nothing for calls that enter. What is not covered is a processor that stands still
 * for all of that time between the two programs of one call.
 *
 * Our own calls are not judged: output would cause new events. A number alone must not be what exempts a process,
 * since rules outlive us and numbers are given again; the start time distinguishes a later owner of the number.
 */
import { MapName } from "./map-names.ts";

export const ControlOffset = {
  /** u32; 0: no rules are in force. */
  generation: 0,
  /** u32: the process whose own calls are not reported; 0: none. */
  selfPid: 4,
  /** u64: its start in USER_HZ ticks since boot, as field 22 of /proc/PID/stat has it. */
  selfStart: 8,
  /** u64, for user space: number of the first site of the next rule set. */
  nextSite: 16,
  /** u32: generation that is being put in force; 0: no transition. */
  transition: 24,
  /** u32: generation that judges calls which enter in the transition. */
  entering: 28,
} as const;

/** Bytes of the value. */
export const CONTROL_SIZE = 32;

export const TurnOffset = { transition: 0, generation: 4 } as const;

/** One for all rule sets that share a control map. */
export const TURNS_MAP = { name: MapName.turns, type: "task_storage", valueSize: 8 } as const;
