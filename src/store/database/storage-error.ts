/** What SQLite's errors mean for a history. */
import { ForeignHistoryError } from "./schema.ts";

/** Primary result codes, https://www.sqlite.org/rescode.html */
const PERM = 3;
const BUSY = 5;
const LOCKED = 6;
const NOMEM = 7;
export const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
export const CANTOPEN = 14;
const NOTADB = 26;

const OUTSIDE: ReadonlySet<number> = new Set([
  PERM,
  BUSY,
  LOCKED,
  NOMEM,
  READONLY,
  IOERR,
  FULL,
  CANTOPEN,
]);

/** SQLite's primary result code; undefined: the error is not of SQLite. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return Number(error.errcode) & 0xff;
}

/** The file itself is of no use: a new one must be begun. */
export function isDamage(error: unknown): boolean {
  if (error instanceof ForeignHistoryError) return true;
  const code = resultCode(error);
  return code === CORRUPT || code === NOTADB;
}

/** Something around the file is wrong (room, rights, device), and may be right again later. */
export function isOutside(error: unknown): boolean {
  const code = resultCode(error);
  if (code !== undefined) return OUTSIDE.has(code);
  // of node:fs, when files are made or moved
  return error instanceof Error && "syscall" in error && "code" in error;
}

/** For the administrator. */
export function describeStorageError(error: unknown): string {
  const code = resultCode(error);
  if (code === FULL) return "the disk is full";
  if (code === READONLY) return "the file cannot be written (read-only)";
  return error instanceof Error ? error.message : String(error);
}
