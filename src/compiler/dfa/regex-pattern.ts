/**
 * Regular expressions as byte patterns: all texts in which one is found. What an expression asserts between two bytes (`^ $ \b`) depends on
 * both. A state of the automaton knows the byte before it, and what may come next; so nothing has to look ahead.
 */
import { Assertion, type RegexProgram } from "../../language/index.ts";
import { type ByteSet, byteSet, type Nfa, type Pattern } from "./pattern.ts";

/** What stands beside a place of the text, as one bit each. */
const Beside = { edge: 1, newline: 2, word: 4, other: 8 } as const;
const BYTES = Beside.newline | Beside.word | Beside.other;
const ANYTHING_NEXT = Beside.edge | BYTES;

const NEWLINE = 0x0a;
const OF_LINES = Assertion.beginLine | Assertion.endLine;
const OF_WORDS = Assertion.wordBoundary | Assertion.noWordBoundary;

/** `key` names the expression among all others. */
export function regexPattern(program: RegexProgram, key: string): Pattern {
  return { kind: "automaton", nfa: new Builder(program).build(), key };
}

/** A step of the expression, what stands before it, and what may stand behind. */
interface Node {
  readonly step: number;
  readonly before: number;
  readonly next: number;
  readonly state: number;
}

class Builder {
  readonly #program: RegexProgram;
  /** Bytes by what they count as; those that no assertion distinguishes are one kind. */
  readonly #kinds: ReadonlyMap<number, ByteSet>;
  readonly #empty: number[][] = [];
  readonly #moves: ({ set: ByteSet; to: number } | undefined)[] = [];
  readonly #nodes = new Map<string, Node>();
  readonly #todo: Node[] = [];
  readonly #sets = new Map<ByteSet, Map<number, ByteSet | undefined>>();

  constructor(program: RegexProgram) {
    this.#program = program;
    let used = 0;
    for (const step of program.steps) if (step.kind === "assert") used |= step.assertions;
    const kindOf = (byte: number): number => {
      if ((used & OF_LINES) !== 0 && byte === NEWLINE) return Beside.newline;
      return (used & OF_WORDS) !== 0 && isWord(byte) ? Beside.word : Beside.other;
    };
    const all = [Beside.newline, Beside.word, Beside.other].map(
      (kind) => [kind, byteSet((byte) => kindOf(byte) === kind)] as const,
    );
    this.#kinds = new Map(all.filter(([, set]) => set.includes(1)));
  }

  build(): Nfa {
    const accept = this.#state();
    // found: whatever follows is accepted
    const found = this.#state();
    this.#moves[found] = { set: byteSet(() => true), to: found };
    this.#link(found, accept);
    const start = this.#search();
    for (let node = this.#todo.pop(); node !== undefined; node = this.#todo.pop())
      this.#expand(node, found, accept);
    return { start, accept, empty: this.#empty, moves: this.#moves };
  }

  /** The expression may begin at every place of the text. */
  #search(): number {
    const places = new Map([Beside.edge, ...this.#kinds.keys()].map((one) => [one, this.#state()]));
    for (const [before, place] of places) {
      this.#link(place, this.#node(this.#program.start, before, ANYTHING_NEXT));
      for (const [kind, set] of this.#kinds) this.#move(place, set, places.get(kind) ?? place);
    }
    return places.get(Beside.edge) ?? 0;
  }

  #expand({ step: index, before, next, state }: Node, found: number, accept: number): void {
    const step = this.#program.steps[index];
    switch (step?.kind) {
      case "byte":
        for (const [kind, bytes] of this.#kinds) {
          if ((next & kind) === 0) continue;
          const set = this.#both(step.set, kind, bytes);
          if (set !== undefined) this.#move(state, set, this.#node(step.to, kind, ANYTHING_NEXT));
        }
        return;
      case "fork":
        for (const to of step.to) this.#link(state, this.#node(to, before, next));
        return;
      case "assert": {
        const allowed = next & allowedNext(before, step.assertions);
        if (allowed !== 0) this.#link(state, this.#node(step.to, before, allowed));
        return;
      }
      case "match":
        if ((next & Beside.edge) !== 0) this.#link(state, accept);
        if ((next & BYTES) === BYTES) this.#link(state, found);
        else
          for (const [kind, bytes] of this.#kinds)
            if ((next & kind) !== 0) this.#move(state, bytes, found);
        return;
      default:
    }
  }

  /** The state for a step, made when it is first asked for. */
  #node(step: number, before: number, next: number): number {
    const key = `${step} ${before} ${next}`;
    const known = this.#nodes.get(key);
    if (known !== undefined) return known.state;
    const node = { step, before, next, state: this.#state() };
    this.#nodes.set(key, node);
    this.#todo.push(node);
    return node.state;
  }

  #state(): number {
    this.#moves.push(undefined);
    return this.#empty.push([]) - 1;
  }

  #link(from: number, to: number): void {
    this.#empty[from]?.push(to);
  }

  /** A state has one move over a byte: each has a state of its own. */
  #move(from: number, set: ByteSet, to: number): void {
    const own = this.#state();
    this.#moves[own] = { set, to };
    this.#link(from, own);
  }

  /** The bytes of a set that are of a kind; the same object each time, undefined: none. */
  #both(set: ByteSet, kind: number, bytes: ByteSet): ByteSet | undefined {
    const known = this.#sets.get(set) ?? new Map<number, ByteSet | undefined>();
    this.#sets.set(set, known);
    if (!known.has(kind)) {
      const both = byteSet((byte) => set[byte] === 1 && bytes[byte] === 1);
      known.set(kind, both.includes(1) ? both : undefined);
    }
    return known.get(kind);
  }
}

function isWord(byte: number): boolean {
  return /^\w$/.test(String.fromCharCode(byte));
}

/** What may stand behind a place for all assertions to hold there. */
function allowedNext(before: number, assertions: number): number {
  let allowed = 0;
  for (const next of [Beside.edge, Beside.newline, Beside.word, Beside.other])
    if ((assertions & ~holding(before, next)) === 0) allowed |= next;
  return allowed;
}

/** What holds between two neighbours. */
function holding(before: number, next: number): number {
  const isBoundary = (before === Beside.word) !== (next === Beside.word);
  let holds: number = isBoundary ? Assertion.wordBoundary : Assertion.noWordBoundary;
  if (before === Beside.edge) holds |= Assertion.beginText | Assertion.beginLine;
  if (before === Beside.newline) holds |= Assertion.beginLine;
  if (next === Beside.edge) holds |= Assertion.endText | Assertion.endLine;
  if (next === Beside.newline) holds |= Assertion.endLine;
  return holds;
}
