/**
 * Many patterns as one whose parts that begin alike are shared, so that an automaton of a thousand names follows a few
 * of them at a time and not all.
 */
import { EMPTY, type Pattern } from "./pattern.ts";

interface Node {
  /** By the pattern that leads there. */
  readonly next: Map<string, { readonly step: Pattern; readonly node: Node }>;
  isEnd: boolean;
}

export interface Union {
  readonly pattern: Pattern;
  /** Steps in it; the automaton has about as many states, or more. */
  readonly size: number;
}

export function unionOf(patterns: readonly Pattern[]): Union {
  const root: Node = { next: new Map(), isEnd: false };
  let size = 0;
  for (const pattern of patterns) {
    let at = root;
    for (const step of stepsOf(pattern)) {
      const key = keyOf(step);
      let found = at.next.get(key);
      if (found === undefined) {
        found = { step, node: { next: new Map(), isEnd: false } };
        at.next.set(key, found);
        size++;
      }
      at = found.node;
    }
    at.isEnd = true;
  }
  return { pattern: patternOf(root), size };
}

/** The sequence that a pattern is. */
function stepsOf(pattern: Pattern): Pattern[] {
  return pattern.kind === "sequence" ? pattern.items.flatMap(stepsOf) : [pattern];
}

const keys = new WeakMap<Uint8Array, string>();

function keyOf(pattern: Pattern): string {
  switch (pattern.kind) {
    case "set": {
      const known = keys.get(pattern.set) ?? setKey(pattern.set);
      keys.set(pattern.set, known);
      return known;
    }
    case "star":
      return `${keyOf(pattern.item)}*`;
    case "sequence":
      return `(${pattern.items.map(keyOf).join("")})`;
    case "choice":
      return `[${pattern.items.map(keyOf).join("|")}]`;
    case "automaton":
      return `<${pattern.key}>`;
  }
}

/** The bytes of a set: of most there is one. */
function setKey(set: Uint8Array): string {
  const bytes: number[] = [];
  for (let byte = set.indexOf(1); byte >= 0; byte = set.indexOf(1, byte + 1)) bytes.push(byte);
  return `{${bytes.join(" ")}}`;
}

/** From the ends to the beginning, without recursion: a path may be 4096 steps long. */
function patternOf(root: Node): Pattern {
  const order = [root];
  for (const node of order) for (const { node: next } of node.next.values()) order.push(next);
  const made = new Map<Node, Pattern>();
  for (const node of order.reverse()) {
    const items = Array.from(node.next.values(), ({ step, node: next }): Pattern => {
      const rest = made.get(next) ?? EMPTY;
      return rest === EMPTY ? step : { kind: "sequence", items: [step, rest] };
    });
    if (node.isEnd) items.push(EMPTY);
    const [only] = items;
    made.set(node, items.length === 1 && only !== undefined ? only : { kind: "choice", items });
  }
  return made.get(root) ?? EMPTY;
}
