/** This machine cannot boot the guest: something is missing here. Exit status 3. */
export class RigError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "RigError";
    this.code = code;
    this.hint = hint;
  }
}

/** The status of a command line of the rig that threw; what we do not know is a bug and stays thrown. */
export function reportRigError(error: unknown): number {
  if (!(error instanceof RigError)) throw error;
  process.stderr.write(`vm: ${error.message}\n`);
  if (error.hint) process.stderr.write(`    ${error.hint}\n`);
  return error.code === "usage" ? 2 : 3;
}
