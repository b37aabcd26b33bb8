/** The command line of a trace is wrong: said as strace says it, with exit status 1. */
export class TraceUsageError extends Error {
  override readonly name = "TraceUsageError";
  /** Whether the reader is sent to the help text: of an option that does not exist, or has no such value. */
  readonly hasAdvice: boolean;

  constructor(message: string, hasAdvice = false) {
    super(message);
    this.hasAdvice = hasAdvice;
  }
}
