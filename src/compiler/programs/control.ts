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
  /** u32: generation that judges calls which enter in the transition. */
  entering: 28,
} as const;

/** Bytes of the value. */
export const CONTROL_SIZE = 32;

const TurnOffset = { transition: 0, generation: 4 } as const;

/** One for all rule sets that share a control map. */
export const TURNS_MAP = { name: MapName.turns, type: "task_storage", valueSize: 8 } as const;

/** ns of one tick of USER_HZ, which is 100 on all architectures of ours. */
const TICK_NS = 10_000_000;

/** Goes to `pass` unless rules of this generation judge the call of the task in r7. Uses r0 to r5. */
export function emitControl(a: Assembler, input: ProgramInput, pass: string): void {
  const { task } = input.facts;
  const settled = a.newLabel("settled");
  const enters = a.newLabel("enters");
  const unwritten = a.newLabel("unwritten");
  const known = a.newLabel("known");
  const judged = a.newLabel("judged");
  const loadControl = (offset: number): void => {
    a.loadMapValue(R3, MapName.control).load("u32", R2, R3, offset);
  };
  loadControl(ControlOffset.transition);
  a.jump("eq", R2, 0, settled);
  a.loadMap(R1, MapName.turns).mov(R2, R7).mov(R3, 0).mov(R4, 1).call("bpf_task_storage_get");
  // over by now: whatever is written of the thread does not count
  loadControl(ControlOffset.transition);
  a.jump("eq", R2, 0, settled).jump("eq", R0, 0, unwritten);
  a.load("u32", R1, R0, TurnOffset.transition).jump("ne", R1, R2, enters);
  a.load("u32", R1, R0, TurnOffset.generation).goto(known);
  a.label(enters).load("u32", R1, R3, ControlOffset.entering);
  a.store("u32", R0, TurnOffset.generation, R1)
    .store("u32", R0, TurnOffset.transition, R2)
    .goto(known);
  // no memory for the thread
  a.label(unwritten).load("u32", R1, R3, ControlOffset.entering).goto(known);
  a.label(settled).load("u32", R1, R3, ControlOffset.generation);
  a.label(known).jump("ne", R1, input.generation, pass);
  loadControl(ControlOffset.selfPid);
  a.load("u32", R1, R7, task.tgid).jump("ne", R1, R2, judged);
  a.load("u64", R1, R7, task.groupLeader).load("u64", R1, R1, task.startBoottime);
  a.alu("div", R1, TICK_NS).load("u64", R2, R3, ControlOffset.selfStart);
  a.jump("eq", R1, R2, pass).label(judged);
}

/** For the tracepoint sys_exit: the next call of the thread is another one. */
export function turnProgram(): Assembled {
  const a = new Assembler("sct_turn");
  a.call("bpf_get_current_task_btf").mov(R2, R0);
  a.loadMap(R1, MapName.turns).mov(R3, 0).mov(R4, 0).call("bpf_task_storage_get");
  a.jump("eq", R0, 0, "none").store("u32", R0, TurnOffset.transition, 0);
  return a.label("none").return(0).assemble({ tidy: true });
}
