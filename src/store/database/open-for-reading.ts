/** Opens a history file for a reader, which never changes it and never holds up the service. */
import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { HistoryError } from "./history-error.ts";
import { checkVersion, ForeignHistoryError } from "./schema.ts";
import { CANTOPEN, describeStorageError, READONLY, resultCode } from "./storage-error.ts";

/** A checkpoint of the service may lock the file for a moment. */
const BUSY_MS = 2000;

/** Throws HistoryError. */
export function openForReading(file: string): DatabaseSync {
  try {
    statSync(file);
    return tryOpen(file);
  } catch (error) {
    throw explain(file, error);
  }
}

function tryOpen(file: string): DatabaseSync {
  try {
    return checked(new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS }));
  } catch (error) {
    const code = resultCode(error);
    if (code !== CANTOPEN && code !== READONLY) throw error;
    // on a read-only file system the log's companion cannot be made; nobody writes there, so it is not needed
    const url = pathToFileURL(file);
    url.searchParams.set("immutable", "1");
    return checked(new DatabaseSync(url, { readOnly: true }));
  }
}

function checked(db: DatabaseSync): DatabaseSync {
  try {
    checkVersion(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function explain(file: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") {
    const hint = "'sct load' starts the service that keeps it";
    return new HistoryError("missing", `there is no history: ${file} does not exist`, hint, error);
  }
  if (code === "EACCES" || code === "EPERM") {
    return new HistoryError(
      "privilege",
      "reading the history needs root",
      "Run it with sudo",
      error,
    );
  }
  if (error instanceof ForeignHistoryError || resultCode(error) !== undefined) {
    return damaged(file, error);
  }
  return error as Error;
}

/** The service finds it too, and moves the file aside. */
export function damaged(file: string, cause: unknown): HistoryError {
  const why = describeStorageError(cause);
  return new HistoryError("damaged", `cannot read the history ${file}: ${why}`, undefined, cause);
}
