/** Descriptors that others have opened for us. */
import { fstatSync } from "node:fs";

/** Whether the number is that of an open descriptor of this process. */
export function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}
