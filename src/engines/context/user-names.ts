import { readFileSync } from "node:fs";

/** Login names by user id, from /etc/passwd; a name service beyond it is not asked, for it may block. */
export function readUserNames(file = "/etc/passwd"): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of readPasswd(file).split("\n")) {
    const [name = "", , uid = ""] = line.split(":");
    // as getpwuid(3): the first entry of a uid counts
    if (/^\d+$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}

/** Undefined: no user has this name. */
export function findUserId(name: string, file = "/etc/passwd"): number | undefined {
  for (const line of readPasswd(file).split("\n")) {
    const [user, , uid = ""] = line.split(":");
    if (user === name && /^\d+$/.test(uid)) return Number(uid);
  }
  return undefined;
}

/** A system without the file, such as a bare container, has no names. */
function readPasswd(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
