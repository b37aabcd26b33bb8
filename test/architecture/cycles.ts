/** Cycles in a graph of imports. */

/** Groups of two or more names that reach each other (Tarjan 1972), each sorted. `edges`: name -> names it imports. */
export function cycles(edges: ReadonlyMap<string, readonly string[]>): readonly string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const open = new Set<string>();
  const found: string[][] = [];
  const visit = (name: string): void => {
    order.set(name, order.size);
    lowest.set(name, order.get(name) ?? 0);
    stack.push(name);
    open.add(name);
    const sink = (value: number | undefined): void => {
      lowest.set(name, Math.min(lowest.get(name) ?? 0, value ?? 0));
    };
    for (const next of edges.get(name) ?? []) {
      if (!order.has(next)) {
        visit(next);
        sink(lowest.get(next));
      } else if (open.has(next)) sink(order.get(next));
    }
    if (lowest.get(name) !== order.get(name)) return;
    const group = stack.splice(stack.indexOf(name));
    for (const member of group) open.delete(member);
    if (group.length > 1) found.push(group.toSorted());
  };
  for (const name of edges.keys()) if (!order.has(name)) visit(name);
  return found;
}
