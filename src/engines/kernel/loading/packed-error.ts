/** Errors on their way between threads: a copy keeps their class, and with it what is made of them. */
import { LoadAbortedError, VerifierError } from "../../../bpf/index.ts";
import { MachineError, SyscallError, UnsupportedError } from "../../../sys/index.ts";

export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: PackedError | undefined;
  /** Its other members. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** Those that loading throws and somebody distinguishes from others. */
const CLASSES = [LoadAbortedError, SyscallError, UnsupportedError, VerifierError] as const;

export function packError(thrown: unknown): PackedError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { name, message, stack, cause } = error;
  const members = Object.fromEntries(Object.entries(error).filter(([key]) => key !== "name"));
  const packed = cause instanceof Error ? packError(cause) : undefined;
  return { name, message, stack, cause: packed, members };
}

export function unpackError({ name, message, stack, cause, members }: PackedError): Error {
  // every refusal of the machine says what helps
  const general = "hint" in members ? MachineError.prototype : Error.prototype;
  const prototype = CLASSES.find((one) => one.name === name)?.prototype ?? general;
  const error = Object.assign(Object.create(prototype) as Error, members);
  const hidden = { name, message, stack, cause: cause && unpackError(cause) };
  for (const [key, value] of Object.entries(hidden))
    Object.defineProperty(error, key, { value, writable: true, configurable: true });
  return error;
}
