/** The value of a variable as a part of a key: what limits and frequencies are counted per. */
import { R0, R1, R9, R10 } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import { groupOf, isIntVariable, type VariableName, variable } from "../../variables/index.ts";
import { loadCallerNumber } from "./caller-number.ts";
import type { Context } from "./context.ts";
import { fillFields } from "./fields.ts";

/** Fills 16 bytes from the stack slot on; zeroes where there is no variable, or its value cannot be read. Clobbers r0 … r5. */
export function emitValueKey(c: Context, slot: number, per: VariableName | undefined): void {
  const { a } = c;
  const place = per && variable(per).record;
  if (per === undefined || place === undefined) {
    a.store("u64", R10, slot, 0).store("u64", R10, slot + 8, 0);
    return;
  }
  const group = groupOf(per);
  if (group !== undefined) fillFields(c, [group]);
  if (place.in === "name") {
    const from = RecordOffset[place.field];
    a.load("u64", R1, R9, from).store("u64", R10, slot, R1);
    a.load("u64", R1, R9, from + 8).store("u64", R10, slot + 8, R1);
    return;
  }
  if (place.in === "id") {
    a.load("u32", R1, R9, RecordOffset[place.field]).store("u64", R10, slot, R1);
  } else if (place.in === "word" && hasReturned(c)) {
    a.load("u64", R1, R9, RecordOffset[place.field]).store("u64", R10, slot, R1);
  } else if (place.in === "macro" && isIntVariable(per)) {
    const unreadable = a.newLabel("no_value");
    a.store("u64", R10, slot, 0);
    loadCallerNumber(c, per, unreadable);
    a.store("u64", R10, slot, R0).label(unreadable);
  } else {
    a.store("u64", R10, slot, 0);
  }
  a.store("u64", R10, slot + 8, 0);
}

function hasReturned({ stage, isAfter }: Context): boolean {
  return stage === "exit" || isAfter === true;
}
