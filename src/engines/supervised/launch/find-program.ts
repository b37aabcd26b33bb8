/** Which file a command name means, by the rules of execvp(3). */
import { accessSync, constants, statSync } from "node:fs";

const DEFAULT_PATH = "/bin:/usr/bin";
const SLASH = 0x2f;
const COLON = 0x3a;

export type FoundProgram =
  | { readonly kind: "found"; readonly path: Buffer }
  | { readonly kind: "not found" }
  /** There is such a file, and it may not be executed. */
  | { readonly kind: "not executable" };

export function findProgram(name: Uint8Array, searchPath: Uint8Array | undefined): FoundProgram {
  if (name.length === 0) return { kind: "not found" };
  const text = Buffer.from(name);
  // execve itself says what is wrong with a path
  if (text.includes(SLASH)) return { kind: "found", path: text };
  let isDenied = false;
  for (const directory of splitPath(searchPath ?? Buffer.from(DEFAULT_PATH))) {
    const path = directory.length === 0 ? text : Buffer.concat([directory, Buffer.from("/"), text]);
    const state = inspect(path);
    if (state === "executable") return { kind: "found", path };
    if (state === "denied") isDenied = true;
  }
  return { kind: isDenied ? "not executable" : "not found" };
}

function splitPath(searchPath: Uint8Array): Buffer[] {
  const directories: Buffer[] = [];
  let start = 0;
  for (let i = 0; i <= searchPath.length; i++) {
    if (i < searchPath.length && searchPath[i] !== COLON) continue;
    directories.push(Buffer.from(searchPath.subarray(start, i)));
    start = i + 1;
  }
  return directories;
}

/** A directory that may not be searched counts as if it were not in the list, as in shells. */
function inspect(path: Buffer): "executable" | "denied" | "absent" {
  try {
    if (!statSync(path).isFile()) return "denied";
  } catch {
    return "absent";
  }
  try {
    accessSync(path, constants.X_OK);
    return "executable";
  } catch {
    return "denied";
  }
}
