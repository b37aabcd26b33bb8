/** Code that asks which generation judges a call (see layout/control.ts). */
import { TICK_NS } from "../../base/linux-abi.ts";
import { type Assembled, Assembler, R0, R1, R2, R3, R4, R7 } from "../../bpf/asm/index.ts";
import { ControlOffset, TurnOffset } from "../layout/control.ts";
import { MapName } from "../layout/map-names.ts";
import type { ProgramInput } from "./context.ts";

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
