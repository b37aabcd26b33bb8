/**
 * What user space tells running programs, the only entry of the array map `sct_control`:
 *
 *   0                     4          8                         16          24           28       32
 *   | generation in force | own pid  | own start, clock ticks  | next site | transition | before |
 *
 * Programs of another generation let every new call pass, so that one store swaps rule sets for the whole machine:
 * each call is judged by exactly one of them. What a generation has begun with a call it also finishes.
 *
 * While rule sets are swapped, programs of both run for one call, one after the other, and the store can come between
 * the two. In a transition, therefore, they ask which generation the thread has turned to, which changes only when a
 * call of it returns: a program at sys_exit, there for as long as the transition, keeps it in the task storage
 * `sct_turns`:
 *
 *   0            4                  8
 *   | transition | generation       |
 *
 * A thread that has not turned in this transition is still at the generation before. Not covered: a thread that made
 * no call between the store and the end of the transition, and enters one in the very moment of that end.
 *
 * Our own calls are not judged: output would cause new events. A number alone must not be what exempts a process,
 * since rules outlive us and numbers are given again; the start time tells a later owner of the number apart.
 */
import { type Assembled, Assembler, R0, R1, R2, R3, R4, R7 } from "../../bpf/asm/index.ts";
import { MapName } from "../emit/context.ts";
import type { ProgramInput } from "./context.ts";

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
  /** u32: generation that the transition began with. */
  before: 28,
} as const;

/** Bytes of the value. */
export const CONTROL_SIZE = 32;

const TurnOffset = { transition: 0, generation: 4 } as const;

/** One for all rule sets that share a control map. */
export const TURNS_MAP = { name: MapName.turns, type: "task_storage", valueSize: 8 } as const;

/** ns of one tick of USER_HZ, which is 100 on all architectures of ours. */
const TICK_NS = 10_000_000;

/** Goes to `pass` unless rules of this generation judge calls of the task in r7. Uses r0 to r5. */
export function emitControl(a: Assembler, input: ProgramInput, pass: string): void {
  const { task } = input.facts;
  const settled = a.newLabel("settled");
  const before = a.newLabel("not_turned");
  const known = a.newLabel("known");
  const judged = a.newLabel("judged");
  a.loadMapValue(R3, MapName.control).load("u32", R1, R3, ControlOffset.transition);
  a.jump("eq", R1, 0, settled);
  a.loadMap(R1, MapName.turns).mov(R2, R7).mov(R3, 0).mov(R4, 0).call("bpf_task_storage_get");
  a.jump("eq", R0, 0, before).load("u32", R1, R0, TurnOffset.transition);
  a.loadMapValue(R3, MapName.control).load("u32", R2, R3, ControlOffset.transition);
  a.jump("ne", R1, R2, before).load("u32", R1, R0, TurnOffset.generation).goto(known);
  a.label(before).loadMapValue(R3, MapName.control);
  a.load("u32", R1, R3, ControlOffset.before).goto(known);
  a.label(settled).load("u32", R1, R3, ControlOffset.generation);
  a.label(known).jump("ne", R1, input.generation, pass);
  a.loadMapValue(R3, MapName.control).load("u32", R2, R3, ControlOffset.selfPid);
  a.load("u32", R1, R7, task.tgid).jump("ne", R1, R2, judged);
  a.load("u64", R1, R7, task.groupLeader).load("u64", R1, R1, task.startBoottime);
  a.alu("div", R1, TICK_NS).load("u64", R2, R3, ControlOffset.selfStart);
  a.jump("eq", R1, R2, pass).label(judged);
}

/** For the tracepoint sys_exit: the thread turns to the generation in force. */
export function turnProgram(): Assembled {
  const a = new Assembler("sct_turn");
  a.call("bpf_get_current_task_btf").mov(R2, R0);
  a.loadMap(R1, MapName.turns).mov(R3, 0).mov(R4, 1).call("bpf_task_storage_get");
  a.jump("eq", R0, 0, "none").loadMapValue(R3, MapName.control);
  a.load("u32", R1, R3, ControlOffset.transition).load("u32", R2, R3, ControlOffset.generation);
  // the generation first: with the number of the transition it counts
  a.store("u32", R0, TurnOffset.generation, R2).store("u32", R0, TurnOffset.transition, R1);
  return a.label("none").return(0).assemble({ tidy: true });
}
