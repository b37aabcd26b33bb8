/**
 * What user space tells running programs, the only entry of the array map `sct_control`:
 *
 *   0                     4          8                         16          24
 *   | generation in force | own pid  | own start, clock ticks  | next site |
 *
 * Programs of another generation let every new call pass, so that one store swaps rule sets for the whole machine:
 * each call is judged by exactly one of them. What a generation has begun with a call it also finishes.
 *
 * Our own calls are not judged: output would cause new events. A number alone must not be what exempts a process,
 * since rules outlive us and numbers are given again; the start time tells a later owner of the number apart.
 */
import { type Assembler, R1, R2, R3, R7 } from "../../bpf/asm/index.ts";
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
} as const;

/** Bytes of the value. */
export const CONTROL_SIZE = 24;

/** ns of one tick of USER_HZ, which is 100 on all architectures of ours. */
const TICK_NS = 10_000_000;

/** Goes to `pass` unless rules of this generation judge calls of the task in r7. Uses r1, r2 and r3. */
export function emitControl(a: Assembler, input: ProgramInput, pass: string): void {
  const { task } = input.facts;
  const judged = a.newLabel("judged");
  a.loadMapValue(R3, MapName.control).load("u32", R1, R3, ControlOffset.generation);
  a.jump("ne", R1, input.generation, pass).load("u32", R2, R3, ControlOffset.selfPid);
  a.load("u32", R1, R7, task.tgid).jump("ne", R1, R2, judged);
  a.load("u64", R1, R7, task.groupLeader).load("u64", R1, R1, task.startBoottime);
  a.alu("div", R1, TICK_NS).load("u64", R2, R3, ControlOffset.selfStart);
  a.jump("eq", R1, R2, pass).label(judged);
}
