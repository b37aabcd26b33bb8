/**
 * Whether a thread may continue from the return of a call while its rules are still evaluated: they do nothing to it,
 * and all that they look at and show is known by then. What lies in memory that the call may have written, or in
 * /proc, has to be read while the thread waits.
 */
import { extraMacros } from "../../../events/index.ts";
import type { CheckedRule } from "../../../language/index.ts";
import type { Needs } from "../needs.ts";

/** Of nodes in conditions; strings and paths are read when the call is made, and kept. */
const KNOWN_NODES: ReadonlySet<string> = new Set([
  ..."int param negate complement arithmetic boolean stringParam constant not and or".split(" "),
  ..."truth compare inRanges stringTest stringIn stringCompare".split(" "),
]);
const KNOWN_VARIABLES: ReadonlySet<string> = new Set(
  "PID TID UID EUID SUID FSUID GID EGID SGID FSGID RETVAL SYSCALL COMM SNAME ABI".split(" "),
);

/** `rules`: the `after` rules of one call. */
export function looksBackOnly(rules: readonly CheckedRule[], needs: Needs): boolean {
  // directories that names begin at are read when the call is made, and kept
  const later = { ...needs, dir: false };
  return !Object.values(later).some(Boolean) && rules.every(isKnown);
}

function isKnown(rule: CheckedRule): boolean {
  const { actions, limit, targets } = rule;
  return (
    actions.every(({ type }) => type === "LOG") &&
    extraMacros(rule).length === 0 &&
    (limit?.per === undefined || KNOWN_VARIABLES.has(limit.per)) &&
    targets.every(
      ({ filter, presentations }) =>
        holdsKnown(filter) &&
        presentations.every(
          ({ params, guards }) =>
            params.every(({ source }) => source.kind !== "memory") &&
            guards.every(({ source }) => source.kind !== "memory"),
        ),
    )
  );
}

function holdsKnown(node: unknown): boolean {
  if (typeof node !== "object" || node === null || node instanceof Uint8Array) return true;
  const { kind, name } = node as { kind?: unknown; name?: unknown };
  if (kind === "variable" || kind === "stringVariable") return KNOWN_VARIABLES.has(String(name));
  if (typeof kind === "string" && !KNOWN_NODES.has(kind)) return false;
  // leads to the text of the whole file
  return Object.entries(node).every(([key, value]) => key === "span" || holdsKnown(value));
}
