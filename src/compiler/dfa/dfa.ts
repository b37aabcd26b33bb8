/**
 * Deterministic automata over byte classes: subset construction, minimisation, and the numbering that the
 * kernel code relies on.
 */
import { buildNfa } from "./nfa.ts";
import type { Pattern } from "./pattern.ts";

/** State 0 of a finished automaton rejects whatever follows, this one accepts whatever follows. */
export const SURE_STATE = 1;

export interface Dfa {
  /** Class of each byte value, 0..classCount-1. */
  readonly classOf: Uint8Array;
  readonly classCount: number;
  readonly stateCount: number;
  /** next[state * classCount + class]. */
  readonly next: Uint16Array;
  readonly start: number;
  /** A string is accepted if it ends in SURE_STATE or in a state >= firstAccepting. */
  readonly firstAccepting: number;
}

/** Too large, or too much work; `limit` is the largest number allowed. */
export class DfaTooLargeError extends Error {
  readonly limit: number;
  constructor(limit: number, what: "states" | "steps" = "states") {
    super(`Cannot build the automaton: it needs more than ${limit} ${what}`);
    this.name = "DfaTooLargeError";
    this.limit = limit;
  }
}

/** Places of the pattern in all the sets that are made, together: what takes longer than a second or two is given up. */
const MOST_STEPS = 10_000_000;

export function buildDfa(
  pattern: Pattern,
  options: { maxStates?: number; maxSteps?: number; complement?: boolean } = {},
): Dfa {
  const raw = determinize(pattern, options.maxStates ?? 8192, options.maxSteps ?? MOST_STEPS);
  if (options.complement === true) {
    for (let s = 0; s < raw.accepting.length; s++) raw.accepting[s] = !raw.accepting[s];
  }
  return number(minimize(mergeSinks(raw)));
}

/** Whether the automaton accepts a text, by a run here in place of one in the kernel. */
export function dfaAccepts(dfa: Dfa, bytes: Uint8Array): boolean {
  let state = dfa.start;
  for (const byte of bytes) {
    state = dfa.next[state * dfa.classCount + (dfa.classOf[byte] as number)] as number;
  }
  return state === SURE_STATE || state >= dfa.firstAccepting;
}

interface RawDfa {
  classOf: Uint8Array;
  classCount: number;
  next: number[][];
  accepting: boolean[];
  start: number;
}

/** Bytes that no move distinguishes share a class. */
function byteClasses(sets: Iterable<Uint8Array>): { classOf: Uint8Array; classCount: number } {
  const classOf = new Uint8Array(256);
  let classCount = 1;
  for (const set of sets) {
    const split = new Map<number, number>();
    for (let byte = 0; byte < 256; byte++) {
      const key = (classOf[byte] as number) * 2 + (set[byte] as number);
      if (!split.has(key)) split.set(key, split.size);
      classOf[byte] = split.get(key) as number;
    }
    classCount = split.size;
  }
  return { classOf, classCount };
}

function determinize(pattern: Pattern, maxStates: number, maxSteps: number): RawDfa {
  const nfa = buildNfa(pattern);
  const { classOf, classCount } = byteClasses(
    new Set(nfa.moves.filter((move) => move !== undefined).map((move) => move.set)),
  );
  const sample = new Uint8Array(classCount);
  for (let byte = 255; byte >= 0; byte--) sample[classOf[byte] as number] = byte;

  const mark = new Int32Array(nfa.empty.length).fill(-1);
  let round = 0;
  let steps = 0;
  /** Set of states from which every text is accepted: they are all the same, and what else is reached does not matter. */
  let surely: number[] | undefined;
  const isSure = new Uint8Array(nfa.empty.length);
  /** Empty-move closure, sorted; states without a byte move matter only if they accept. */
  const closure = (seeds: readonly number[]): number[] => {
    round++;
    const found: number[] = [];
    const todo = [...seeds];
    for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
      if (mark[state] === round) continue;
      mark[state] = round;
      if (isSure[state] === 1 && surely !== undefined) return surely;
      if (nfa.moves[state] !== undefined || state === nfa.accept) found.push(state);
      for (const to of nfa.empty[state] as readonly number[]) todo.push(to);
    }
    steps += found.length;
    if (steps > maxSteps) throw new DfaTooLargeError(maxSteps, "steps");
    return found.sort((a, b) => a - b);
  };

  nfa.moves.forEach((move, state) => {
    if (move === undefined || move.set.includes(0)) return;
    const after = closure([move.to]);
    if (!after.includes(state) || !after.includes(nfa.accept)) return;
    isSure[state] = 1;
    surely ??= after;
  });

  const ids = new Map<string, number>();
  const sets: number[][] = [];
  const idOf = (set: number[]): number => {
    const key = set.join(",");
    let id = ids.get(key);
    if (id === undefined) {
      id = sets.length;
      if (id >= maxStates) throw new DfaTooLargeError(maxStates);
      ids.set(key, id);
      sets.push(set);
    }
    return id;
  };
  const start = idOf(closure([nfa.start]));
  const next: number[][] = [];
  for (let id = 0; id < sets.length; id++) {
    const row: number[] = [];
    for (let cls = 0; cls < classCount; cls++) {
      const byte = sample[cls] as number;
      const targets: number[] = [];
      for (const state of sets[id] as number[]) {
        const move = nfa.moves[state];
        if (move !== undefined && move.set[byte] === 1) targets.push(move.to);
      }
      row.push(idOf(closure(targets)));
    }
    next.push(row);
  }
  const accepting = sets.map((set) => set.includes(nfa.accept));
  return { classOf, classCount, next, accepting, start };
}

/** All states from which nothing but acceptance (or nothing but rejection) follows become one each. */
function mergeSinks(dfa: RawDfa): RawDfa {
  const before: number[][] = dfa.next.map(() => []);
  dfa.next.forEach((row, from) => {
    for (const to of new Set(row)) (before[to] as number[]).push(from);
  });
  const reaching = (wanted: boolean): Uint8Array => {
    const seen = new Uint8Array(dfa.next.length);
    const todo: number[] = [];
    dfa.accepting.forEach((yes, state) => {
      if (yes === wanted) todo.push(state);
    });
    for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
      if (seen[state] === 1) continue;
      seen[state] = 1;
      todo.push(...(before[state] as number[]));
    }
    return seen;
  };
  const canAccept = reaching(true);
  const canReject = reaching(false);
  const dead = canAccept.indexOf(0);
  const sure = canReject.indexOf(0);
  const merged = (state: number): number =>
    canAccept[state] === 0 ? dead : canReject[state] === 0 ? sure : state;
  // rows of states that were merged away stay, unreachable: number() leaves them out
  const next = dfa.next.map((row, state) =>
    merged(state) === state && (state === dead || state === sure)
      ? row.map(() => state)
      : row.map(merged),
  );
  return { ...dfa, next, start: merged(dfa.start) };
}

/** Above this size the quadratic refinement costs more than the table space it saves. */
const MINIMIZE_UP_TO = 512;

/** Moore's partition refinement. */
function minimize(dfa: RawDfa): RawDfa {
  if (dfa.next.length > MINIMIZE_UP_TO) return dfa;
  let block: number[] = dfa.accepting.map((yes) => (yes ? 1 : 0));
  let count = new Set(block).size;
  for (;;) {
    const ids = new Map<string, number>();
    const refined = block.map((own, state) => {
      const row = dfa.next[state] as number[];
      const key = `${own}:${row.map((to) => block[to]).join(",")}`;
      let id = ids.get(key);
      if (id === undefined) {
        id = ids.size;
        ids.set(key, id);
      }
      return id;
    });
    block = refined;
    if (ids.size === count) break;
    count = ids.size;
  }
  const next: number[][] = [];
  const accepting: boolean[] = [];
  for (let state = 0; state < block.length; state++) {
    const own = block[state] as number;
    if (next[own] !== undefined) continue;
    next[own] = (dfa.next[state] as number[]).map((to) => block[to] as number);
    accepting[own] = dfa.accepting[state] as boolean;
  }
  return { ...dfa, next, accepting, start: block[dfa.start] as number };
}

function reachable(dfa: RawDfa): Set<number> {
  const seen = new Set([dfa.start]);
  for (const state of seen) for (const to of dfa.next[state] as number[]) seen.add(to);
  return seen;
}

/** Renumbers so that the kernel code needs one comparison: dead, sure, rejecting …, accepting …. */
function number(dfa: RawDfa): Dfa {
  const { classCount } = dfa;
  const isSink = (state: number): boolean =>
    (dfa.next[state] as number[]).every((to) => to === state);
  const order: number[] = [];
  const ends: number[] = [];
  let dead: number | undefined;
  let sure: number | undefined;
  for (const state of reachable(dfa)) {
    if (isSink(state) && dfa.accepting[state] !== true) dead = state;
    else if (isSink(state)) sure = state;
    else if (dfa.accepting[state] === true) ends.push(state);
    else order.push(state);
  }
  // both sinks always exist, also when nothing leads there: their numbers are fixed
  const all = [dead, sure, ...order, ...ends];
  const newId = new Map<number, number>();
  all.forEach((state, id) => {
    if (state !== undefined) newId.set(state, id);
  });
  const next = new Uint16Array(all.length * classCount);
  all.forEach((state, id) => {
    for (let cls = 0; cls < classCount; cls++) {
      const to =
        state === undefined
          ? id
          : (newId.get((dfa.next[state] as number[])[cls] as number) as number);
      next[id * classCount + cls] = to;
    }
  });
  return {
    classOf: dfa.classOf,
    classCount,
    stateCount: all.length,
    next,
    start: newId.get(dfa.start) as number,
    firstAccepting: 2 + order.length,
  };
}
