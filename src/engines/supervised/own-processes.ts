/**
 * sct and its guard, which the kernel hides from processes of the same user, but not from the superuser's: one that traces
 * sct waits for sct at its own next call, while sct waits for it. So calls by which a process takes hold of another
 * one fail with EPERM where that one is ours.
 */
import type { Abi } from "../../language/index.ts";
import { abis, byAbi, type Escape } from "../../linux/index.ts";
import { PTRACE } from "../../sys/index.ts";
import { callsEscaping, findNumbers, type Numbers, numbersOf } from "./call-numbers.ts";
import { pidfdTarget } from "./task/pidfd.ts";
import type { ProcFiles } from "./task/proc-files.ts";

const PTRACE_ATTACH = 16;
/** Requests by which somebody becomes a tracer. */
export const ATTACHES: readonly number[] = [PTRACE_ATTACH, PTRACE.SEIZE];

/** A call before anything is read of it. */
export interface PlainCall {
  readonly abi: Abi;
  readonly nr: number;
  readonly args: ArrayLike<bigint>;
  readonly tid: number;
}

type Target = (call: PlainCall, files: ProcFiles) => number | undefined;

/** The task as the caller counts it. */
const pidIn =
  (index: number): Target =>
  ({ args }) =>
    Number(BigInt.asIntN(32, args[index] ?? 0n));

/** Calls that always take hold of another process; ptrace(2) does by some requests. */
const HOLDING = ["holds-pid", "holds-pidfd"] as const satisfies readonly Escape[];

/** Which thread or process a call takes hold of. */
const TARGETS: Readonly<Record<"traces" | (typeof HOLDING)[number], Target>> = {
  traces: (call, files) =>
    ATTACHES.includes(Number(BigInt.asUintN(32, call.args[0] ?? 0n)))
      ? pidIn(1)(call, files)
      : undefined,
  "holds-pid": pidIn(0),
  "holds-pidfd": ({ args, tid }, files) =>
    pidfdTarget(files, tid, Number(BigInt.asIntN(32, args[0] ?? 0n)))?.pid,
};

export function holdTakingCalls(): Numbers {
  return numbersOf(callsEscaping(...HOLDING));
}

export class OwnProcesses {
  readonly #files: ProcFiles;
  readonly #others: readonly number[];
  readonly #targets = byAbi(() => new Map<number, Target>());

  /** `others`: processes of ours beside this one. */
  constructor(files: ProcFiles, others: readonly number[]) {
    this.#files = files;
    this.#others = others;
    for (const way of ["traces", ...HOLDING] as const)
      for (const abi of abis)
        for (const nr of findNumbers(callsEscaping(way), abi))
          this.#targets[abi].set(nr, TARGETS[way]);
  }

  /** Whether a call takes hold of one of them. */
  areMeantBy(call: PlainCall): boolean {
    const target = this.#targets[call.abi].get(call.nr)?.(call, this.#files);
    return target !== undefined && this.#has(target) && this.#countsAsWe(call.tid);
  }

  #has(pid: number): boolean {
    if (this.#others.includes(pid)) return true;
    const fd = pid > 0 ? this.#files.open(`/proc/self/task/${pid}`) : -1;
    if (fd >= 0) this.#files.close(fd);
    return fd >= 0;
  }

  /** A process with a pid namespace of its own has no number for us. */
  #countsAsWe(tid: number): boolean {
    const namespaceOf = (task: string) => this.#files.readLink(`/proc/${task}/ns/pid`);
    const theirs = namespaceOf(String(this.#files.ownerOf(tid)));
    const ours = namespaceOf("self");
    return theirs === undefined || ours === undefined || Buffer.compare(theirs, ours) === 0;
  }
}
