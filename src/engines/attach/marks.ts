/**
 * Marks in the stream of calls of a process that is recorded: calls of no effect that it makes itself, so that its
 * recorder knows exactly where to begin and where to end, however late it sees anything else.
 */
import { syscall, X64 } from "../../sys/index.ts";

/** No option of prctl(2): the kernel answers EINVAL. */
const OPTION = 0x53435420;

export const Mark = { begin: 1, end: 2 } as const;
export type MarkKind = (typeof Mark)[keyof typeof Mark];

export function makeMark(kind: MarkKind, token: number): void {
  syscall(X64.prctl, OPTION, kind, token, 0, 0);
}

/** The mark that a call is. */
export function markOf(nr: number, args: BigUint64Array, token: number): MarkKind | undefined {
  if (nr !== X64.prctl || args[0] !== BigInt(OPTION) || args[2] !== BigInt(token)) return undefined;
  return Number(args[1]) as MarkKind;
}

const PR_SET_PTRACER = 0x59616d61;

/** Where Yama restricts tracing to descendants: lets this process trace us. Elsewhere without effect. */
export function allowTracer(pid: number): void {
  syscall(X64.prctl, PR_SET_PTRACER, pid, 0, 0, 0);
}
