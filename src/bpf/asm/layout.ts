/**
 * Turns instructions with labels into bytes: places every instruction, fills in offsets, widens far jumps.
 *
 * A jump field holds 16 bits, and the kernel needs some of its range: it puts instructions of its own into a program
 * once it is verified (bpf_loop and map lookups become inline code), and gives up with ENOMEM, "cannot be patched
 * due to 16-bit range", when that takes a target out of reach. A farther jump is rewritten with gotol (since 6.6),
 * whose displacement is 32 bits:
 *
 *   goto L                ->  gotol L
 *   if r1 == r2 goto L    ->  if r1 != r2 goto +1; gotol L
 *   if r1 & r2 goto L     ->  if r1 & r2 goto +1; goto +1; gotol L
 *
 * Widening moves everything behind it, so it is repeated until nothing changes; jumps only ever grow.
 */
import type { Span } from "../../base/span.ts";
import { encodeInto, INSN_SIZE, type Instruction } from "./instruction.ts";
import {
  CODE_MASK,
  INVERSE,
  JumpCode,
  type JumpCondition,
  OP_GOTO,
  OP_GOTO_LONG,
} from "./opcode.ts";

export type Reference =
  | { readonly kind: "jump"; readonly label: string }
  | { readonly kind: "call"; readonly label: string }
  | { readonly kind: "function"; readonly label: string }
  | { readonly kind: "map"; readonly map: string };

/** An instruction whose target is still a name. */
export interface CodeItem extends Instruction {
  readonly reference?: Reference;
}

export interface Unplaced {
  readonly name: string;
  readonly items: readonly CodeItem[];
  /** Label -> index of the item that it stands before. */
  readonly labels: ReadonlyMap<string, number>;
  readonly functions: readonly { readonly label: string; readonly item: number }[];
  readonly comments: readonly { readonly item: number; readonly text: string }[];
  readonly spans: readonly { readonly item: number; readonly span: Span | undefined }[];
}

/** A finished program, plain data. All `insnOffset` count slots of 8 bytes; all lists are sorted by it. */
export interface Assembled {
  readonly name: string;
  readonly insns: Uint8Array;
  /** 64-bit loads whose `imm` must become the fd of the named map. */
  readonly relocations: readonly Relocation[];
  /** Functions of the program; the first is the main program at 0. */
  readonly functions: readonly { readonly label: string; readonly insnOffset: number }[];
  readonly labels: readonly { readonly label: string; readonly insnOffset: number }[];
  readonly comments: readonly { readonly insnOffset: number; readonly text: string }[];
  /** Where the source text changes; each holds until the next. */
  readonly spans: readonly { readonly insnOffset: number; readonly span: Span | undefined }[];
}

export interface Relocation {
  readonly insnOffset: number;
  readonly map: string;
}

/** Farthest target of a plain jump: what the kernel adds may make the way up to 2.6 times as long. */
export const REACH = 0x2fff;

const INVERSE_CODE: ReadonlyMap<number, number> = new Map(
  Object.entries(INVERSE).map(([from, to]) => [JumpCode[from as JumpCondition], JumpCode[to]]),
);

export function layOut(program: Unplaced): Assembled {
  const { items } = program;
  const targets = items.map((item) => resolve(program.labels, item));
  const isWide = new Uint8Array(items.length);
  let positions = place(items, isWide);
  while (widen(items, targets, positions, isWide)) positions = place(items, isWide);

  const positionOf = (item: number): number => positions[item] ?? 0;
  const slots = positionOf(items.length);
  const insns = new Uint8Array(slots * INSN_SIZE);
  const view = new DataView(insns.buffer);
  const relocations: Relocation[] = [];
  items.forEach((item, index) => {
    const insnOffset = positionOf(index);
    let at = insnOffset * INSN_SIZE;
    if (item.reference === undefined) {
      encodeInto(view, at, item);
      return;
    }
    const target = positionOf(targets[index] ?? -1);
    for (const instruction of finish(item, insnOffset, target, isWide[index] === 1))
      at = encodeInto(view, at, instruction);
    if (item.reference?.kind === "map") relocations.push({ insnOffset, map: item.reference.map });
  });
  return {
    name: program.name,
    insns,
    relocations,
    functions: program.functions.map(({ label, item }) => ({
      label,
      insnOffset: positionOf(item),
    })),
    labels: [...program.labels].map(([label, item]) => ({ label, insnOffset: positionOf(item) })),
    comments: program.comments.map(({ item, text }) => ({ insnOffset: positionOf(item), text })),
    spans: program.spans.map(({ item, span }) => ({ insnOffset: positionOf(item), span })),
  };
}

/** Index of the item that a reference points to; -1 without one. */
function resolve(labels: ReadonlyMap<string, number>, { reference }: CodeItem): number {
  if (reference === undefined || reference.kind === "map") return -1;
  const target = labels.get(reference.label);
  if (target === undefined)
    throw new Error(`Cannot assemble: label "${reference.label}" is used but not placed`);
  return target;
}

/** Slot of every item, and of the end of the program. */
function place(items: readonly CodeItem[], isWide: Uint8Array): Uint32Array {
  const positions = new Uint32Array(items.length + 1);
  let at = 0;
  items.forEach((item, index) => {
    positions[index] = at;
    at += isWide[index] === 1 ? wideSlots(item) : item.high === undefined ? 1 : 2;
  });
  positions[items.length] = at;
  return positions;
}

function wideSlots(item: CodeItem): number {
  if (item.opcode === OP_GOTO) return 1;
  return (item.opcode & CODE_MASK) === JumpCode.set ? 3 : 2;
}

function widen(
  items: readonly CodeItem[],
  targets: readonly number[],
  positions: Uint32Array,
  isWide: Uint8Array,
): boolean {
  let hasChanged = false;
  items.forEach((item, index) => {
    if (item.reference?.kind !== "jump" || isWide[index] === 1) return;
    const distance = (positions[targets[index] ?? 0] ?? 0) - (positions[index] ?? 0) - 1;
    if (Math.abs(distance) <= REACH) return;
    isWide[index] = 1;
    hasChanged = true;
  });
  return hasChanged;
}

/** The final instructions of one item; distances count from the slot behind the jumping one. */
function finish(item: CodeItem, at: number, target: number, isWide: boolean): Instruction[] {
  switch (item.reference?.kind) {
    case undefined:
    case "map":
      return [item];
    case "call":
    case "function":
      return [{ ...item, imm: target - at - 1 }];
    case "jump":
      if (!isWide) return [{ ...item, offset: target - at - 1 }];
  }
  const far = (slot: number): Instruction => ({
    opcode: OP_GOTO_LONG,
    dst: 0,
    src: 0,
    offset: 0,
    imm: target - slot - 1,
  });
  if (item.opcode === OP_GOTO) return [far(at)];
  const inverse = INVERSE_CODE.get(item.opcode & CODE_MASK);
  if (inverse === undefined) {
    const over = { opcode: OP_GOTO, dst: 0, src: 0, offset: 1, imm: 0 };
    return [{ ...item, offset: 1 }, over, far(at + 2)];
  }
  const opcode = (item.opcode & ~CODE_MASK) | inverse;
  return [{ ...item, opcode, offset: 1 }, far(at + 1)];
}
