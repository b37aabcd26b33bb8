/**
 * Clears what code generators leave behind. The kernel refuses programs with instructions that nothing leads to
 * ("unreachable insn"), and jumps over jumps cost time:
 *
 *   goto L; … (no label)        the instructions up to the next label that is used go away
 *   goto L; L:                  the goto goes away
 *   if a goto L; goto M; L:     becomes  if !a goto M; L:
 *
 * What it does with exits says exits.ts.
 */
import { joinExits } from "./exits.ts";
import type { CodeItem, Unplaced } from "./layout.ts";
import {
  CLASS_MASK,
  Class,
  CODE_MASK,
  INVERSE,
  JumpCode,
  type JumpCondition,
  OP_EXIT,
  OP_GOTO,
} from "./opcode.ts";

const INVERSE_CODE: ReadonlyMap<number, number> = new Map(
  Object.entries(INVERSE).map(([from, to]) => [JumpCode[from as JumpCondition], JumpCode[to]]),
);

/** The same program without unreachable instructions and idle jumps. */
export function tidy(program: Unplaced): Unplaced {
  return joinExits(removeDead(shortenJumps(removeDead(program))));
}

function isConditional(item: CodeItem): boolean {
  return item.reference?.kind === "jump" && item.opcode !== OP_GOTO;
}

function targetOf(program: Unplaced, item: CodeItem): number | undefined {
  const { reference } = item;
  if (reference === undefined || reference.kind === "map") return undefined;
  const target = program.labels.get(reference.label);
  if (target === undefined)
    throw new Error(`Cannot assemble: label "${reference.label}" is used but not placed`);
  return target;
}

function removeDead(program: Unplaced): Unplaced {
  const { items } = program;
  const live = new Uint8Array(items.length);
  // functions are entered by calls and by loadFunction; one that nothing uses goes away as well
  const todo: number[] = [0];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    for (let i = at; i < items.length && live[i] === 0; i++) {
      live[i] = 1;
      const item = items[i] as CodeItem;
      const target = targetOf(program, item);
      if (target !== undefined) todo.push(target);
      if (item.opcode === OP_GOTO || item.opcode === OP_EXIT) break;
    }
  }
  return keep(program, live, items);
}

function shortenJumps(program: Unplaced): Unplaced {
  const items = [...program.items];
  const keepers = new Uint8Array(items.length).fill(1);
  const entered = new Set(program.labels.values());
  /** First kept item at or after i. */
  const settle = (i: number): number => {
    let at = i;
    while (at < items.length && keepers[at] === 0) at++;
    return at;
  };
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i] as CodeItem;
    const target = targetOf(program, item);
    if (target === undefined) continue;
    if (item.opcode === OP_GOTO && target > i && settle(i + 1) === settle(target)) {
      keepers[i] = 0;
      continue;
    }
    if (!isConditional(item)) continue;
    const over = settle(i + 1);
    const second = items[over];
    const inverse = invert(item);
    if (second?.opcode !== OP_GOTO || inverse === undefined || second.reference === undefined)
      continue;
    // the goto must be ours alone: nothing else may enter it
    if (hasLabelBetween(entered, i + 1, over) || target <= over) continue;
    if (settle(over + 1) !== settle(target)) continue;
    items[i] = { ...item, opcode: inverse, reference: second.reference };
    keepers[over] = 0;
  }
  return keep(program, keepers, items);
}

function hasLabelBetween(entered: ReadonlySet<number>, from: number, to: number): boolean {
  for (let i = from; i <= to; i++) if (entered.has(i)) return true;
  return false;
}

function invert(item: CodeItem): number | undefined {
  const kind = item.opcode & CLASS_MASK;
  if (kind !== Class.JMP && kind !== Class.JMP32) return undefined;
  const code = INVERSE_CODE.get(item.opcode & CODE_MASK);
  return code === undefined ? undefined : (item.opcode & ~CODE_MASK) | code;
}

/** Drops items and moves labels, functions and notes to what follows. */
function keep(program: Unplaced, keepers: Uint8Array, items: readonly CodeItem[]): Unplaced {
  if (!keepers.includes(0)) return program;
  const isKept = (i: number): boolean => keepers[i] === 1;
  const moved = new Uint32Array(items.length + 1);
  const kept: CodeItem[] = [];
  for (let i = 0; i < items.length; i++) {
    moved[i] = kept.length;
    if (keepers[i] === 1) kept.push(items[i] as CodeItem);
  }
  moved[items.length] = kept.length;
  const at = (i: number): number => moved[i] ?? kept.length;
  // a function without a single instruction left is gone
  const functions = program.functions
    .filter(({ item }) => item < items.length && isKept(item))
    .map(({ label, item }) => ({ label, item: at(item) }));
  return {
    name: program.name,
    items: kept,
    labels: movedLabels(program.labels, moved),
    functions,
    comments: program.comments
      .filter(({ item }) => item < items.length && isKept(item))
      .map(({ item, text }) => ({ item: at(item), text })),
    // where several now stand at one place the last holds
    spans: [...new Map(program.spans.map(({ item, span }) => [at(item), span]))].map(
      ([item, span]) => ({ item, span }),
    ),
  };
}

function movedLabels(
  labels: ReadonlyMap<string, number>,
  moved: Uint32Array,
): ReadonlyMap<string, number> {
  const result = new Map<string, number>();
  for (const [label, item] of labels) result.set(label, moved[item] as number);
  return result;
}
