/** Errors of the machine kind: the kernel or the system said no. Printed without a stack; `hint` says what helps. */
import { errnoName } from "./errno.ts";

export abstract class MachineError extends Error {
  /** Stable, for programs. */
  abstract readonly code: string;
  /** What the user can do about it. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.hint = hint;
  }
}

export interface SyscallFailure {
  /** Name of the system call. */
  readonly call: string;
  /** Its command, for calls that have some: `BPF_PROG_LOAD`. */
  readonly command?: string;
  /** Positive errno. */
  readonly errno: number;
  /** What was tried, so that "Cannot …" can go before it: `create map "events"`. */
  readonly what?: string;
  readonly hint?: string;
}

/** A system call that failed. `Cannot create map "events": bpf(BPF_MAP_CREATE) gives EPERM`. */
export class SyscallError extends MachineError {
  readonly code = "syscall_failed";
  readonly call: string;
  readonly command: string | undefined;
  readonly errno: number;
  readonly errnoName: string;

  constructor(failure: SyscallFailure) {
    const { call, command, errno, what } = failure;
    const made = command === undefined ? call : `${call}(${command})`;
    const name = errnoName(errno);
    super(
      what === undefined ? `Cannot ${made}: ${name}` : `Cannot ${what}: ${made} gives ${name}`,
      failure.hint,
    );
    this.call = call;
    this.command = command;
    this.errno = errno;
    this.errnoName = name;
  }
}

/** This kernel lacks something; `since` names the first one that has it. */
export class UnsupportedError extends MachineError {
  readonly code = "unsupported";
  readonly feature: string;
  readonly since: string | undefined;

  constructor(feature: string, since: string | undefined, cause?: unknown) {
    const from = since === undefined ? "" : `, needs Linux ${since}`;
    super(`Cannot use ${feature}: not available on this kernel${from}`, undefined, cause);
    this.feature = feature;
    this.since = since;
  }
}
