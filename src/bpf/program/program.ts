/** A program in the kernel. It lives as long as its descriptor, its links or its pins. */
import type { Fd } from "../../sys/index.ts";
import { bpfObjGet, bpfObjGetInfoByFd, bpfObjPin } from "../command/object-commands.ts";
import { bpfProgTestRun } from "../command/prog-commands.ts";
import type { ProgramType } from "../constants.ts";

/** Offsets in struct bpf_prog_info. */
const INFO = {
  id: 4,
  jited_prog_len: 16,
  xlated_prog_len: 20,
  run_time_ns: 192,
  run_cnt: 200,
  recursion_misses: 208,
  verified_insns: 216,
} as const;
const INFO_SIZE = 232;

export interface ProgramInfo {
  readonly id: number;
  /** Bytes of machine code; 0 when it is interpreted. */
  readonly jitedBytes: number;
  /** Bytes of instructions after the verifier rewrote them. */
  readonly xlatedBytes: number;
  /** Total run time and number of runs, while statistics are enabled (bpfEnableStats). Since Linux 5.1. */
  readonly runTimeNs: number;
  readonly runCount: number;
  /** Runs that the kernel skipped because another one of this program was active on the CPU. Since Linux 5.12. */
  readonly recursionMisses: number;
  /** Instructions that the verifier looked at. Since Linux 5.16. */
  readonly verifiedInsns: number;
}

export interface TestRunOptions {
  /** Arguments of a raw tracepoint (u64 each), or the raw context. */
  readonly context?: readonly bigint[] | Uint8Array;
  readonly data?: Uint8Array;
  /** Runs; default 1. */
  readonly repeat?: number;
}

export interface TestRunResult {
  /** r0 of the last run, signed 32 bits. */
  readonly retval: number;
  /** Mean of all runs. Raw tracepoints: measured around the system call, which is part of it. */
  readonly durationNs: number;
}

export class Program {
  readonly name: string;
  readonly type: ProgramType;
  readonly fd: Fd;

  constructor(name: string, type: ProgramType, fd: Fd) {
    this.name = name;
    this.type = type;
    this.fd = fd;
  }

  info(): ProgramInfo {
    const view = bpfObjGetInfoByFd(this.fd, INFO_SIZE);
    const u64 = (offset: number): number => Number(view.getBigUint64(offset, true));
    return {
      id: view.getUint32(INFO.id, true),
      jitedBytes: view.getUint32(INFO.jited_prog_len, true),
      xlatedBytes: view.getUint32(INFO.xlated_prog_len, true),
      runTimeNs: u64(INFO.run_time_ns),
      runCount: u64(INFO.run_cnt),
      recursionMisses: u64(INFO.recursion_misses),
      verifiedInsns: view.getUint32(INFO.verified_insns, true),
    };
  }

  /**
   * Runs the program in this process without attaching it. Throws SyscallError: EINVAL for a short context,
   * ENOTSUPP for types that cannot. Since Linux 4.12, raw tracepoints 5.10.
   */
  testRun(options: TestRunOptions = {}): TestRunResult {
    const { context, data, repeat = 1 } = options;
    const isRaw = this.type === "raw_tracepoint";
    const start = process.hrtime.bigint();
    const { retval, durationNs } = bpfProgTestRun(this.fd, {
      ...(context === undefined ? {} : { context: toBytes(context) }),
      ...(data === undefined ? {} : { data }),
      ...(isRaw ? { times: repeat } : { repeat }),
    });
    if (!isRaw) return { retval, durationNs };
    return { retval, durationNs: Number(process.hrtime.bigint() - start) / repeat };
  }

  pin(path: string): void {
    bpfObjPin(this.fd, path);
  }

  close(): void {
    this.fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Opens a program that is pinned in bpffs. Throws SyscallError: ENOENT, EPERM. */
export function openPinnedProgram(name: string, type: ProgramType, path: string): Program {
  return new Program(name, type, bpfObjGet(path));
}

function toBytes(context: readonly bigint[] | Uint8Array): Uint8Array {
  if (context instanceof Uint8Array) return context;
  return new Uint8Array(BigUint64Array.from(context, (word) => BigInt.asUintN(64, word)).buffer);
}
