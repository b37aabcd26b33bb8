/**
 * Calls that the kernel fails before anything is asked that may deny them: on names that lead to nothing, or that are
 * taken. A policy leaves them to the kernel, as Landlock does: programs look for files in many places, and make folders that are there.
 */
import { type CallView, type CheckedRule, readParam } from "../../language/index.ts";
import { PresentedCall } from "./call/presented-call.ts";
import type { MissingFile } from "./task/path-resolver.ts";

type Policy = NonNullable<CheckedRule["policy"]>;
type Missing = MissingFile | undefined;

const O_CREAT = 0o100n;
const O_EXCL = 0o200n;
/** Make the last name that they are given. */
const MAKING = /^(?:mkdir|mknod|symlink|link|bind)/;
/** Begin at a file that must be there. */
const MOVING = /^(?:rename|link)/;

export function failsAnyway({ right, aspect }: Policy, view: CallView): boolean {
  if (!(view instanceof PresentedCall)) return false;
  const { call } = view.presentation;
  const missing = (index: number): Missing => {
    const file = view.path(index);
    return typeof file === "object" && file !== null ? file.missing : undefined;
  };
  if (aspect === "use" && (right === "read" || right === "write"))
    return opensNothing(view, missing(0));
  if (aspect !== "names")
    return right !== "connect" && right !== "listen" && missing(0) !== undefined;
  if (MOVING.test(call)) {
    if (missing(1) !== undefined || missing(2) === "folder") return true;
    return MAKING.test(call) && missing(2) !== "file";
  }
  return MAKING.test(call) ? missing(0) !== "file" : missing(0) !== undefined;
}

function opensNothing(view: PresentedCall, missing: Missing): boolean {
  const flags = readParam(view, 2);
  if (typeof flags !== "bigint") return false;
  if ((flags & O_CREAT) === 0n) return missing !== undefined;
  return missing === "folder" || (missing === undefined && (flags & O_EXCL) !== 0n);
}
