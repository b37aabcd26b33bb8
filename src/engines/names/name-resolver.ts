/**
 * Where paths lead that rules name: by links, dots and double slashes, from the root of this process. What does not exist has the name
 * that it would have. One pass over all paths of a rule set asks for each directory once.
 */

import { lstatSync, readlinkSync, statfsSync } from "node:fs";
import { MAXSYMLINKS, PROC_SUPER_MAGIC } from "../../base/linux-abi.ts";
import type { ResolvedName } from "../../language/index.ts";

export class NameResolver {
  /** Names that were looked for, by the directory: exchanging one of them changes where a path leads. */
  readonly lookedFor = new Map<string, Set<string>>();
  /** Targets of links by their names; null: no link. */
  readonly #links = new Map<string, string | null>();
  readonly #directories = new Map<string, string>();

  /** Of an absolute path; names have one byte a character. */
  resolve(path: string): ResolvedName {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    const last = parts.at(-1);
    if (last === undefined || last === "..") {
      const target = this.#follow("/", parts, { links: 0 });
      return { link: target, target };
    }
    const directory = this.#directory(parts.slice(0, -1));
    return {
      link: join(directory, last),
      target: this.#follow(directory, [last], { links: 0 }),
    };
  }

  #directory(parts: readonly string[]): string {
    const key = parts.join("/");
    const known = this.#directories.get(key);
    if (known !== undefined) return known;
    const found = this.#follow("/", parts, { links: 0 });
    this.#directories.set(key, found);
    return found;
  }

  #follow(start: string, parts: readonly string[], count: { links: number }): string {
    let current = start;
    for (const [i, part] of parts.entries()) {
      if (part === "..") {
        current = current.slice(0, current.lastIndexOf("/")) || "/";
        continue;
      }
      const target = this.#linkAt(current, part);
      if (target === undefined) {
        current = join(current, part);
        continue;
      }
      // round and round: the kernel gives up, too
      if (++count.links > MAXSYMLINKS) return [current, ...parts.slice(i)].join("/");
      const steps = target.split("/").filter((step) => step !== "" && step !== ".");
      current = this.#follow(target.startsWith("/") ? "/" : current, steps, count);
    }
    return current;
  }

  /** Target of a link in a directory whose name is resolved; undefined: there is none. */
  #linkAt(directory: string, name: string): string | undefined {
    const names = this.lookedFor.get(directory);
    if (names === undefined) this.lookedFor.set(directory, new Set([name]));
    else names.add(name);
    const path = join(directory, name);
    let target = this.#links.get(path);
    if (target === undefined) {
      target = readLink(directory, path);
      this.#links.set(path, target);
    }
    return target ?? undefined;
  }
}

/** Null where there is no link, none that we may see, or one of a procfs: those lead each process to something else. */
function readLink(directory: string, path: string): string | null {
  try {
    const bytes = Buffer.from(path, "latin1");
    if (lstatSync(bytes, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return null;
    if (statfsSync(Buffer.from(directory, "latin1")).type === PROC_SUPER_MAGIC) return null;
    return readlinkSync(bytes, "latin1");
  } catch (error) {
    // EACCES, ELOOP, a name too long … or it is gone already
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

function join(directory: string, name: string): string {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}
