/**
 * Jumps that lead back, and how exits are such jumps.
 *
 * The kernel's compiler for x86 (arch/x86/net/bpf_jit_comp.c) lays a program out up to 20 times, each time with the distances that it
 * found before, and takes the short form of a jump for a near target. Jumps that lead forward only get shorter from one time to the
 * next. A jump back is measured from where its target is now to where itself was before: it gets longer whenever what stands before it
 * gets shorter, and a jump forward over it then gets longer again. Such a pair can take turns for ever. From the 16th time on the
 * compiler fills up instead of shortening, and gives up where a jump grows all the same ("unexpected jump padding" in its log); the
 * program is then refused, or interpreted. So generated code has no jumps back but those of loops.
 *
 * Of the exits of a function the first one leaves it, and the others jump back there. None of them may stand near the first one.
 */
import type { CodeItem, Reference, Unplaced } from "./layout.ts";
import { OP_EXIT, OP_GOTO } from "./opcode.ts";

/** What is so many instructions away, of 2 bytes at least, is farther than the short form of a jump reaches (128 bytes). */
const NEAR = 80;

/** The same program; the first exits of a function lead to one that has no other near behind it. */
export function joinExits(program: Unplaced): Unplaced {
  const items = [...program.items];
  const labels = new Map(program.labels);
  const ends = [...program.functions.map(({ item }) => item).slice(1), items.length];
  let from = 0;
  for (const end of ends) {
    joinFirst(items, labels, from, end);
    from = end;
  }
  return { ...program, items, labels };
}

function joinFirst(
  items: CodeItem[],
  labels: Map<string, number>,
  from: number,
  end: number,
): void {
  const joined: number[] = [];
  let target: number | undefined;
  for (let at = from; at < end; at++) {
    if (target !== undefined && at - target > NEAR) break;
    if (items[at]?.opcode !== OP_EXIT) continue;
    if (target !== undefined) joined.push(target);
    target = at;
  }
  if (target === undefined || joined.length === 0) return;
  const label = `leave.at.${target}`;
  labels.set(label, target);
  const reference: Reference = { kind: "jump", label };
  for (const exit of joined)
    items[exit] = { opcode: OP_GOTO, dst: 0, src: 0, offset: 0, imm: 0, reference };
}
