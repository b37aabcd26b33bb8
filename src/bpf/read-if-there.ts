/** Files in which the kernel describes itself: that one is not there says something, that it cannot be read now does not. */
import { readFileSync } from "node:fs";
import { SyscallError } from "../sys/index.ts";

const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "EACCES", "EPERM"]);

/** Undefined: it is not there, or not for this user. Throws SyscallError. */
export function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = "", errno = 0 } = error as NodeJS.ErrnoException;
    if (ABSENT.has(code)) return undefined;
    throw new SyscallError({ call: "open", errno: -errno, what: `read ${path}` });
  }
}
