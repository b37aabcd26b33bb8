/**
 * What the supervised engine can say of the thread that made a call. Each member is read once for a call; undefined:
 * it cannot be read.
 */
export interface Caller {
  readonly tid: number;
  /** Name of the thread when it made the call. */
  readonly comm: Uint8Array;
  readonly call: string;
  readonly abi: string;
  readonly nr: number;
  /** Undefined before the call has returned, as the time that it took (ns). */
  readonly retval: bigint | undefined;
  readonly durationNs: bigint | undefined;
  /** /proc/PID/status */
  status(): Status | undefined;
  /** Where a link in /proc/PID leads. */
  link(name: "exe" | "cwd" | "ns/mnt" | "ns/pid"): Uint8Array | undefined;
  /** /proc/PID/loginuid and its like; all ones where the kernel keeps none. */
  auditId(name: "loginuid" | "sessionid"): bigint | undefined;
  /** Name of the parent's first thread. */
  parentComm(): Uint8Array | undefined;
  /** Number of the control group. */
  cgroup(): bigint | undefined;
  /** Hexadecimal id of the container, empty outside of one. */
  container(): Uint8Array | undefined;
}

/** uid, gid: real, effective, saved, file system. What the file does not have is unknown, never 0. */
export interface Status {
  readonly tgid: number | undefined;
  readonly ppid: number | undefined;
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly caps: bigint | undefined;
  /** Thread group id in the innermost pid namespace. */
  readonly nsPid: number | undefined;
}

/** A number of /proc/PID/status. */
export function ofStatus(
  caller: Caller,
  take: (status: Status) => number | bigint | undefined,
): bigint | undefined {
  const status = caller.status();
  const value = status && take(status);
  return value === undefined ? undefined : BigInt(value);
}

/** Inode number of a namespace, from a link such as `pid:[4026531836]`. */
export function namespaceIn(link: Uint8Array | undefined): bigint | undefined {
  const [, inode] = /\[(\d+)\]/.exec(link === undefined ? "" : decoder.decode(link)) ?? [];
  return inode === undefined ? undefined : BigInt(inode);
}

const decoder = new TextDecoder("latin1");
