/**
 * Prototypes from /sys/kernel/tracing/events/syscalls/sys_enter_*: one `field:` line per parameter, in order.
 * Names of the folders are names of functions (`newstat`), not of calls (`stat`).
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";

const FOLDER = "/sys/kernel/tracing/events/syscalls";

/** The machine lacks what the data is read from. */
export class MissingError extends Error {}

/** Function name without `sys_` → parameters as in C, separated by `, `. */
export function readPrototypes(): Map<string, string> {
  if (!existsSync(FOLDER)) {
    throw new MissingError(
      `${FOLDER} is missing: run as root after "mount -t tracefs tracefs /sys/kernel/tracing"`,
    );
  }
  const prototypes = new Map<string, string>();
  for (const entry of readdirSync(FOLDER).sort()) {
    if (!entry.startsWith("sys_enter_")) continue;
    const text = readFileSync(`${FOLDER}/${entry}/format`, "utf8");
    prototypes.set(entry.slice("sys_enter_".length), parseFormat(text));
  }
  return prototypes;
}

function parseFormat(text: string): string {
  const fields: string[] = [];
  for (const match of text.matchAll(/^\tfield:([^;]*);/gm)) {
    const field = match[1] ?? "";
    // the common header, the number, and the copies of user strings that Linux 6.19 appends
    if (/\bcommon_|__syscall_nr$|^__data_loc /.test(field)) continue;
    fields.push(tidyDeclaration(field));
  }
  return fields.join(", ");
}

/** `const void * * pages` → `const void ** pages`, `unsigned flags` → `unsigned int flags`. */
function tidyDeclaration(field: string): string {
  return field
    .replace(/\*\s+(?=\*)/g, "*")
    .replace(/\bunsigned(?= (?:\*+ )?\w+$)(?! (?:int|long|char|short)\b)/, "unsigned int")
    .replace(/\s+/g, " ")
    .trim();
}
