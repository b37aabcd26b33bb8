/** Members of classes: lists, and those that follow from prototypes. */
import { table } from "../base/table.ts";
import { listRows } from "./call/rows.ts";
import { listCallNames } from "./calls.ts";
import { listedClasses } from "./classes.ts";
import { findPrototype } from "./presentations.ts";

const computed = table<() => readonly string[]>({
  "@all": () => canonicalNames(),
  "@desc": () => canonicalNames().filter(takesDescriptor),
});
const cache = new Map<string, readonly string[]>();

export function listClassNames(): readonly string[] {
  return [...listedClasses().keys(), ...Object.keys(computed)];
}

/** Names that a class (with its `@`) stands for. */
export function classMembers(name: string): readonly string[] | undefined {
  const listed = listedClasses().get(name);
  if (listed !== undefined) return listed;
  const known = cache.get(name);
  if (known !== undefined) return known;
  const members = computed[name]?.();
  if (members !== undefined) cache.set(name, members);
  return members;
}

/** All names but those that another one covers whatever their parameters are. */
function canonicalNames(): readonly string[] {
  const covered = new Set<string>();
  for (const [name, { aliasOf, variants = [], twins = [] }] of listRows()) {
    if (aliasOf !== undefined) covered.add(name);
    for (const { call, when } of [...variants, ...twins])
      if (when.length === 0 && call !== name) covered.add(call);
  }
  return listCallNames().filter((name) => !covered.has(name));
}

function takesDescriptor(name: string): boolean {
  return findPrototype(name)?.params.some((param) => param.type.semantic === "fd") ?? false;
}
