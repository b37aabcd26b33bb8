/** Names of files that are deleted, or never had a directory, as the kernel engine has them. */
import type { Path } from "./path-text.ts";

/** Behind the name of what is deleted, in links of /proc; a file may be called so as well. */
const SUFFIX = " (deleted)";
/** Files in memory: memfd_create(2). */
const IN_MEMORY = "/memfd:";

interface Keyed {
  readonly key: string;
}

/**
 * The name of what a link of /proc leads to. `text`: the link as it reads; `file`: of what it leads to; `find`: of what has a name,
 * undefined where there is none.
 */
export function nameOfLink(
  text: Path,
  file: () => Keyed | undefined,
  find: (name: Path) => Keyed | undefined,
): Path {
  if (!text.endsWith(SUFFIX)) return text;
  const named = find(text);
  if (named !== undefined && named.key === file()?.key) return text;
  const name = text.slice(0, -SUFFIX.length);
  return name.startsWith(IN_MEMORY) && find(name) === undefined ? name.slice(1) : name;
}
