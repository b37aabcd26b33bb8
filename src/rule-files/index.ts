/** Rule files of the file system, with what they include beside them. */
import { readFileSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { SourceFile } from "../base/span.ts";
import { readRegular } from "./regular.ts";

export { readRegular };

const STDIN = "-";
const STDIN_NAME = "<stdin>";

/** A file that gives no text. */
export interface Unreadable {
  readonly name: string;
  /** Why, in words. */
  readonly error: string;
  /** It can be read, but is no UTF-8. */
  readonly isBinary: boolean;
}

/** Reads rule texts. A file that is reached by two paths is one file, under the name it had first. */
export class RuleFiles {
  readonly #names = new Map<string, string>();
  readonly #read: (path: string) => Uint8Array;

  /** `readsPipes`: also what may never end. Default: yes, a shell gives `<(…)` as one. */
  constructor({ readsPipes = true }: { readonly readsPipes?: boolean } = {}) {
    this.#read = readsPipes ? (path) => readFileSync(path) : readRegular;
  }

  /** `-` is standard input. */
  read(path: string): SourceFile | Unreadable {
    try {
      if (path === STDIN) return { name: STDIN_NAME, text: decode(readFileSync(0)) };
      // by the path given: of a pipe (<(…), /dev/stdin) the resolved one names nothing that can be opened
      const text = decode(this.#read(path));
      const key = keyOf(path);
      const name = this.#names.get(key) ?? path;
      this.#names.set(key, name);
      return { name, text };
    } catch (error) {
      return { error: reasonOf(error), name: path, isBinary: error instanceof TypeError };
    }
  }

  /** For the parser: `path` as it stands in the file `from`. */
  readonly include = (path: string, from: SourceFile): SourceFile | Unreadable => {
    const directory = isPlaceless(from.name) ? "." : dirname(from.name);
    return this.read(isAbsolute(path) ? path : join(directory, path));
  };
}

/** Text from standard input or a shell's `<(…)` has no files beside it but those of the working directory. */
function isPlaceless(name: string): boolean {
  return name === STDIN_NAME || name === "/dev/stdin" || name.startsWith("/dev/fd/");
}

/** Where a file is, whatever leads there; a pipe has only the path by which it was given. */
function keyOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** Why a file cannot be opened, in words. */
export function reasonOf(error: unknown): string {
  if (error instanceof TypeError) return "it is not UTF-8 text";
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "no such file";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a directory";
    case "ELOOP":
      return "too many symbolic links";
    case "not_regular":
      return (error as Error).message;
    default:
      if (code === undefined) throw error;
      return code;
  }
}
