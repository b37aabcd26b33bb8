/** Thompson construction: Pattern → nondeterministic automaton with one start and one accepting state. */
import type { ByteSet, Nfa, Pattern } from "./pattern.ts";

export function buildNfa(pattern: Pattern): Nfa {
  const empty: number[][] = [];
  const moves: ({ set: ByteSet; to: number } | undefined)[] = [];
  const state = (): number => {
    empty.push([]);
    moves.push(undefined);
    return empty.length - 1;
  };
  const link = (from: number, to: number): void => {
    empty[from]?.push(to);
  };
  // an explicit stack: byte order patterns nest once per byte, up to 4096 deep
  const todo: { pattern: Pattern; from: number; to: number }[] = [];
  const start = state();
  const accept = state();
  todo.push({ pattern, from: start, to: accept });
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { pattern: part, from, to } = next;
    switch (part.kind) {
      case "set": {
        const inner = state();
        link(from, inner);
        moves[inner] = { set: part.set, to };
        break;
      }
      case "sequence": {
        let at = from;
        for (const item of part.items) {
          const after = state();
          todo.push({ pattern: item, from: at, to: after });
          at = after;
        }
        link(at, to);
        break;
      }
      case "choice":
        for (const item of part.items) todo.push({ pattern: item, from, to });
        break;
      case "star": {
        // an own loop state: `from` may be shared with other branches of a choice
        const loop = state();
        link(from, loop);
        link(loop, to);
        todo.push({ pattern: part.item, from: loop, to: loop });
        break;
      }
      case "automaton": {
        const { nfa } = part;
        const offset = empty.length;
        for (const targets of nfa.empty) empty.push(targets.map((target) => offset + target));
        for (const move of nfa.moves) moves.push(move && { set: move.set, to: offset + move.to });
        link(from, offset + nfa.start);
        link(offset + nfa.accept, to);
        break;
      }
    }
  }
  return { start, accept, empty, moves };
}
