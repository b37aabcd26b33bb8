/** Rules that act by nothing in the caller's memory but an address, of which the kernel has a copy. */
import { factsOf, NODE_TRAITS } from "../../language/index.ts";
import { variable } from "../../variables/index.ts";
import type { Block, Candidate } from "./block.ts";
import { decidesOnCopy, fieldPlace } from "./struct-field.ts";

/** Whether nobody can change meanwhile what the filter looks at. */
export function looksAtCopies(
  block: Pick<Block, "enforcement" | "hooks">,
  { target, presentation: p }: Candidate,
): boolean {
  const { members, kinds, numbers, variables, paths } = factsOf(target.filter);
  const others = [...kinds].filter((kind) => NODE_TRAITS[kind].reads === "memory");
  const ofMembers: ReadonlySet<string> = new Set(members.map(({ kind }) => kind));
  return (
    members.length > 0 &&
    paths.size === 0 &&
    members.every(({ index, field }) => decidesOnCopy(block, fieldPlace(p, index, field))) &&
    others.every((kind) => ofMembers.has(kind)) &&
    [...numbers].every((index) => p.params[index - 1]?.source.kind !== "memory") &&
    [...variables].every((name) => variable(name).lies !== "memory") &&
    p.guards.every(({ source }) => source.kind !== "memory")
  );
}
