import { statSync } from "node:fs";

/** Why a history cannot be read. Same shape as the errors of src/sys/error.ts: the command line prints them alike. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
  readonly code: "missing" | "privilege" | "damaged";
  readonly hint: string | undefined;

  constructor(code: HistoryError["code"], message: string, hint?: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = hint;
  }
}

/** The file is of no use any more; the service begins a new one when it meets it. */
export function isDamaged(error: unknown): error is HistoryError {
  return error instanceof HistoryError && error.code === "damaged";
}

/** Another text for another file of that name; undefined: there is none. */
export function identityOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}:${stat.birthtimeMs}`;
}
