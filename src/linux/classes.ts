/** Classes of calls, as lists of names whose variants cover the rest: what the rows say. */
import type { ClassName } from "./call/row.ts";
import { callsWhere } from "./call/rows.ts";

const NAMES: readonly ClassName[] = [
  "@file",
  "@delete",
  "@exec",
  "@network",
  "@process",
  "@signal",
  "@memory",
  "@ipc",
  "@creds",
  "@clock",
  "@module",
];

let members: ReadonlyMap<string, readonly string[]> | undefined;

/** Class names that have a list; `@desc` and `@all` are computed by the vocabulary. */
export function listedClasses(): ReadonlyMap<string, readonly string[]> {
  members ??= new Map(
    NAMES.map((name) => [name, callsWhere(({ classes }) => classes?.includes(name) ?? false)]),
  );
  return members;
}
