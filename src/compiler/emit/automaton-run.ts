/**
 * Runs an automaton over text: one bpf_loop callback serves all patterns of a program, so that the verifier
 * checks the loop once. Since Linux 5.17.
 *
 * Context of the callback on the caller's stack:
 *   0 text pointer | 8 length | 16 row of the state | 24 class table | 32 row of the accepting sink
 */
import { type Assembler, R1, R2, R3, R4, R5, R10, type Register } from "../../bpf/asm/index.ts";
import { MAX_STRING } from "../../language/checked/index.ts";
import { MapName } from "../layout/map-names.ts";
import type { PlacedDfa } from "../layout/tables.ts";
import type { Context } from "./context.ts";
import type { EntryAddress } from "./place.ts";

const STEP = "automaton_step";
/** The same for bytes of which NUL is one. */
const DATA_STEP = "automaton_data_step";
const SLOTS = 5;

export function runAutomaton(
  c: Context,
  text: EntryAddress,
  length: Register | number,
  dfa: PlacedDfa,
  yes: string,
  no: string,
  isData = false,
): void {
  const { a } = c;
  c.stack.with(SLOTS, (slot) => {
    a.mov(R2, text.base).add(R2, text.offset).store("u64", R10, slot, R2);
    if (typeof length === "number") a.mov(R1, length);
    else if (length !== R1) a.mov(R1, length);
    a.store("u64", R10, slot + 8, R1);
    a.loadImm(R2, dfa.start).store("u64", R10, slot + 16, R2);
    a.loadImm(R2, dfa.classes).store("u64", R10, slot + 24, R2);
    a.loadImm(R2, dfa.sure).store("u64", R10, slot + 32, R2);
    a.loadFunction(R2, isData ? DATA_STEP : STEP)
      .mov(R3, R10)
      .add(R3, slot)
      .mov(R4, 0)
      .call("bpf_loop");
    a.load("u64", R1, R10, slot + 16);
    a.loadImm(R2, dfa.sure).jump("eq", R1, R2, yes);
    a.loadImm(R2, dfa.accepting).jump("ge", R1, R2, yes).goto(no);
  });
}

/** Of automata that user space exchanges while programs run. */
const LIVE_STEP = "names_step";
/** Slots of their state: text, length, row, classes, row that nothing follows. */
export const LIVE_SLOTS = 5;

/** Goes over the text, or until nothing follows. Clobbers r0 … r5. */
export function loopOverLive(a: Assembler, state: number): void {
  a.load("u64", R1, R10, state + 8)
    .loadFunction(R2, LIVE_STEP)
    .mov(R3, R10)
    .add(R3, state);
  a.mov(R4, 0).call("bpf_loop");
}

/** The callbacks, to be placed behind a program that uses them. Sizes: bytes of the maps; 0: there is no such map. */
export function emitAutomatonSteps(a: Assembler, tableSize: number, namesSize: number): void {
  if (tableSize > 0) emitStep(a, STEP, MapName.automata, tableSize);
  if (tableSize > 0) emitStep(a, DATA_STEP, MapName.automata, tableSize, true);
  if (namesSize > 0) emitStep(a, LIVE_STEP, MapName.names, namesSize);
}

function emitStep(
  a: Assembler,
  name: string,
  map: string,
  tableSize: number,
  isData = false,
): void {
  const stop = `${name}_stop`;
  a.function(name);
  a.load("u64", R3, R2, 8).jump("ge", R1, R3, stop).jump("ge", R1, MAX_STRING, stop);
  a.load("u64", R4, R2, 0).add(R4, R1).load("u8", R4, R4, 0);
  // text has no NUL inside, but COMM ends at its first
  if (!isData) a.jump("eq", R4, 0, stop);
  a.load("u64", R5, R2, 24)
    .loadImm(R3, tableSize - 256)
    .jump("gt", R5, R3, stop);
  a.loadMapValue(R3, map).add(R3, R5).add(R3, R4).load("u8", R4, R3, 0);
  a.lsh(R4, 2).load("u64", R5, R2, 16).add(R5, R4);
  a.loadImm(R3, tableSize - 4).jump("gt", R5, R3, stop);
  a.loadMapValue(R3, map).add(R3, R5).load("u32", R4, R3, 0);
  a.store("u64", R2, 16, R4);
  a.load("u64", R5, R2, 32).jump("le", R4, R5, stop);
  a.return(0);
  a.label(stop).return(1);
}
