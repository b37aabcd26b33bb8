/** Users and groups by name, from /etc/passwd and /etc/group; a name service beyond them is not asked, for it may block. */
import { readRegular } from "./read-file.ts";

const MAX_BYTES = 64 * 1024 * 1024;

/** Files of another machine or of a test. */
export interface AccountFiles {
  readonly passwd?: string;
  readonly group?: string;
}

/** Reads each file when it is asked for the first name. */
export class Accounts {
  readonly #files: AccountFiles;
  #users: ReadonlyMap<string, bigint> | undefined;
  #groups: ReadonlyMap<string, bigint> | undefined;

  constructor(files: AccountFiles = {}) {
    this.#files = files;
  }

  /** Undefined: there is no such user. */
  readonly user = (name: string): bigint | undefined => {
    this.#users ??= readIds(this.#files.passwd ?? "/etc/passwd");
    return this.#users.get(name);
  };

  readonly group = (name: string): bigint | undefined => {
    this.#groups ??= readIds(this.#files.group ?? "/etc/group");
    return this.#groups.get(name);
  };
}

/** `NAME:PASSWORD:ID:…`, passwd(5) and group(5). A system without the file has no names. */
function readIds(file: string): ReadonlyMap<string, bigint> {
  const ids = new Map<string, bigint>();
  let text = "";
  try {
    text = readRegular(file, MAX_BYTES).toString("utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  for (const line of text.split("\n")) {
    const [name = "", , id = ""] = line.split(":");
    // as getpwnam(3): the first entry of a name counts
    if (/^\d{1,10}$/.test(id) && !ids.has(name)) ids.set(name, BigInt(id));
  }
  return ids;
}
