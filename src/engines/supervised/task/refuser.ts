/** Which directory keeps us from going further on a path: the first on the way that we may not search. */
import { EACCES, MAXSYMLINKS } from "../../../base/linux-abi.ts";
import type { Path } from "./path-text.ts";
import type { FileStatus, RootedFiles } from "./rooted-files.ts";

/** Undefined: it cannot be said. `path` is absolute, below the root of `files`, and refused with EACCES. */
export function findRefuser(files: RootedFiles, path: Path): FileStatus | undefined {
  let current = path;
  for (let links = 0; links <= MAXSYMLINKS; links++) {
    const parts = current.split("/").filter((part) => part !== "");
    const upTo = (count: number): Path => `/${parts.slice(0, count).join("/")}`;
    const at = parts.findIndex((_, i) => files.errnoOf(upTo(i + 1), true) === EACCES);
    if (at < 0) return undefined;
    const link = files.readLink(upTo(at + 1));
    if (link === undefined) {
      const isRefused = files.errnoOf(upTo(at + 1), false) === EACCES;
      return isRefused ? files.status(upTo(at)) : undefined;
    }
    // the way goes over a link that leads into it
    current = link.target.startsWith("/") ? link.target : `${upTo(at)}/${link.target}`;
  }
  return undefined;
}
