/** Rule files of the file system, with what they include beside them. */
import { realpathSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { SourceFile } from "../base/span.ts";
import { readBounded, readRegular, readUpTo, reasonOf } from "../files/index.ts";

const STDIN = "-";
const STDIN_NAME = "<stdin>";
/** Most bytes of one rule text, as many as the parser takes characters. */
const MAX_BYTES = 4 * 1024 * 1024;

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
  readonly #read: typeof readRegular;

  /** `readsPipes`: also what may never end. Default: yes, a shell gives `<(…)` as one. */
  constructor({ readsPipes = true }: { readonly readsPipes?: boolean } = {}) {
    this.#read = readsPipes ? readBounded : readRegular;
  }

  /** `-` is standard input. */
  read(path: string): SourceFile | Unreadable {
    if (path !== STDIN) return this.#readBy(this.#read, path);
    try {
      return { name: STDIN_NAME, text: decode(readUpTo(0, MAX_BYTES)) };
    } catch (error) {
      return unreadable(path, error);
    }
  }

  #readBy(read: typeof readRegular, path: string): SourceFile | Unreadable {
    try {
      // by the path given: of a pipe (<(…), /dev/stdin) the resolved one names nothing that can be opened
      const text = decode(read(path, MAX_BYTES));
      const key = keyOf(path);
      const name = this.#names.get(key) ?? path;
      this.#names.set(key, name);
      return { name, text };
    } catch (error) {
      return unreadable(path, error);
    }
  }

  /** For the parser: `path` as it stands in the file `from`. Rule text may be a stranger's: regular files only. */
  readonly include = (path: string, from: SourceFile): SourceFile | Unreadable => {
    const directory = isPlaceless(from.name) ? "." : dirname(from.name);
    return this.#readBy(readRegular, isAbsolute(path) ? path : join(directory, path));
  };
}

function unreadable(name: string, error: unknown): Unreadable {
  return { error: reasonOf(error), name, isBinary: error instanceof TypeError };
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
