/** Why a history cannot be read. Same shape as the errors of src/sys/error.ts: the command line tells them alike. */
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
