/** We are wrong, not the user: the command line shows it as a bug. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws if something that must hold does not. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
