/**
 * From names that were seen to entries of a list. Names stay as they are while there are few. A folder stands for what is below
 * it only if three names were seen there; and first of all where the command has made the folder itself.
 */
import { hasGlobSpecial } from "../language/index.ts";
import { isNeverWhole } from "./roots.ts";
import type { SeenUse } from "./use.ts";
import { shapeOf } from "./varying.ts";

export interface ProposedEntry {
  /** As a list has it, a character for each byte: a name, a folder with `/**`, or a pattern. */
  readonly text: string;
  /** Names that it stands for, in the order in which they were seen. */
  readonly uses: readonly SeenUse[];
  /** It stands for all that is below a folder. */
  readonly isFolder: boolean;
}

export interface GeneraliseOptions {
  readonly home: string;
  /** Most entries; more where the names have no folder that may be proposed. */
  readonly limit: number;
  /** Names that the command has written: they may differ from run to run. */
  readonly written: ReadonlySet<string>;
  /** Those of them that it has made, removed or moved. */
  readonly fleeting: ReadonlySet<string>;
  /** Folders that stand for themselves in another list already, as patterns. */
  readonly folders?: ReadonlySet<string>;
}

/** Least names below a folder that is proposed. */
const LEAST_NAMES = 3;

interface Node {
  readonly path: string;
  readonly depth: number;
  readonly children: Map<string, Node>;
  readonly own: SeenUse[];
  isWhole: boolean;
}

interface Measure {
  /** Entries that the node and what is below it are now. */
  readonly entries: number;
  /** Names below the node. */
  readonly names: number;
}

/** Entries of one list for names of files. Pure. */
export function generalise(
  uses: readonly SeenUse[],
  options: GeneraliseOptions,
): readonly ProposedEntry[] {
  const root: Node = { path: "", depth: 0, children: new Map(), own: [], isWhole: false };
  for (const use of uses) place(root, use, options);
  const mayStand = (node: Node): boolean =>
    node.depth > 0 && !isNeverWhole(node.path, options.home);
  standForOwn(root, mayStand, options.folders ?? new Set());
  while (narrow(root, options.limit, mayStand));
  return entriesOf(root);
}

function place(root: Node, use: SeenUse, { written, fleeting }: GeneraliseOptions): void {
  const { name } = use;
  const differs = { isWritten: written.has(name), isFleeting: fleeting.has(name) };
  let node = root;
  for (const part of name === "/" ? [] : shapeOf(name, differs)) {
    let next = node.children.get(part);
    if (next === undefined) {
      const path = `${node.path}/${part}`;
      next = { path, depth: node.depth + 1, children: new Map(), own: [], isWhole: false };
      node.children.set(part, next);
    }
    node = next;
  }
  node.own.push(use);
}

/** Nodes from the deepest up, with what is below each. */
function measured(root: Node): ReadonlyMap<Node, Measure> {
  const order: Node[] = [root];
  for (const node of order) for (const child of node.children.values()) order.push(child);
  const found = new Map<Node, Measure>();
  for (const node of order.toReversed()) {
    let entries = node.own.length > 0 ? 1 : 0;
    let names = 0;
    for (const child of node.children.values()) {
      const below = found.get(child);
      entries += below?.entries ?? 0;
      names += (below?.names ?? 0) + child.own.length;
    }
    found.set(node, { entries: node.isWhole ? 1 : entries, names });
  }
  return found;
}

/** Folders that the command has made, or that another list has. */
function standForOwn(
  root: Node,
  mayStand: (node: Node) => boolean,
  folders: ReadonlySet<string>,
): void {
  for (const [node, { names }] of measured(root)) {
    const isOwn = folders.has(node.path) || node.own.some(({ isMade }) => isMade);
    if (isOwn && names >= LEAST_NAMES && mayStand(node)) node.isWhole = true;
  }
}

/** Puts one folder in place of what is below it, if there are too many entries; false: there is nothing left to do. */
function narrow(root: Node, limit: number, mayStand: (node: Node) => boolean): boolean {
  const measures = measured(root);
  const need = (measures.get(root)?.entries ?? 0) - limit;
  if (need <= 0) return false;
  let best: Node | undefined;
  let bestGain = 0;
  for (const [node, { entries, names }] of measures) {
    const gain = entries - 1;
    if (gain < 1 || node.isWhole || names < LEAST_NAMES || !mayStand(node)) continue;
    const isBetter =
      best === undefined ||
      (gain >= need && bestGain >= need
        ? node.depth > best.depth || (node.depth === best.depth && gain > bestGain)
        : gain > bestGain || (gain === bestGain && node.depth > best.depth));
    if (isBetter) {
      best = node;
      bestGain = gain;
    }
  }
  if (best === undefined) return false;
  best.isWhole = true;
  return true;
}

function entriesOf(root: Node): readonly ProposedEntry[] {
  const found: ProposedEntry[] = [];
  const todo: Node[] = [root];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (node.isWhole) {
      found.push({ text: folderText(node), uses: usesBelow(node), isFolder: true });
      continue;
    }
    if (node.own.length > 0) found.push({ text: nameText(node), uses: node.own, isFolder: false });
    for (const child of node.children.values()) todo.push(child);
  }
  return found.toSorted((a, b) => (a.text < b.text ? -1 : 1));
}

/** A pattern: an entry that is a name does not let the name be made or removed. */
function nameText({ path, own }: Node): string {
  if (path === "") return "/";
  return own.some(({ isNamed }) => isNamed) && !hasGlobSpecial(path) ? `${path}{,}` : path;
}

function folderText({ path, own }: Node): string {
  const isItself = own.some(({ isNamed }) => isNamed) || (own.length > 0 && hasGlobSpecial(path));
  return isItself ? `${path}{,/**}` : `${path}/**`;
}

function usesBelow(node: Node): readonly SeenUse[] {
  const found: SeenUse[] = [];
  const todo: Node[] = [node];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    for (const use of next.own) found.push(use);
    for (const child of next.children.values()) todo.push(child);
  }
  return found;
}
