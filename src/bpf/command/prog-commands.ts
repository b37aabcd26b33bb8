/** BPF_PROG_* commands of bpf(2), one function each. */
import { EAGAIN, Fd, type Memory } from "../../sys/index.ts";
import { Attr } from "./attr.ts";

const LOAD = {
  prog_type: 0,
  insn_cnt: 4,
  insns: 8,
  license: 16,
  log_level: 24,
  log_size: 28,
  log_buf: 32,
  prog_flags: 44,
  prog_name: 48,
  expected_attach_type: 68,
  prog_btf_fd: 72,
  func_info_rec_size: 76,
  func_info: 80,
  func_info_cnt: 88,
  line_info_rec_size: 92,
  line_info: 96,
  line_info_cnt: 104,
  attach_btf_id: 108,
} as const;

const TEST = {
  prog_fd: 0,
  retval: 4,
  data_size_in: 8,
  data_size_out: 12,
  data_in: 16,
  data_out: 24,
  repeat: 32,
  duration: 36,
  ctx_size_in: 40,
  ctx_in: 48,
} as const;

/** Records of one kind that the kernel reads beside the program. */
export interface InfoRecords {
  readonly recordSize: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

export interface ProgLoad {
  readonly name: string;
  /** Number of enum bpf_prog_type. */
  readonly type: number;
  readonly license: string;
  /** Instructions, with map fds filled in. */
  readonly insns: Uint8Array;
  readonly flags: number;
  /** Number of enum bpf_attach_type, 0 for none. */
  readonly expectedAttachType: number;
  /** BTF id of the kernel function to attach to, 0 for none. */
  readonly attachBtfId: number;
  readonly btf?: { readonly fd: Fd; readonly functions: InfoRecords; readonly lines: InfoRecords };
}

/** Where the verifier writes its log. Level 1: instructions and states, 2: more, 4: result and statistics only. */
export interface VerifierLog {
  readonly level: 1 | 2 | 4;
  readonly buffer: Memory;
}

/** The verifier gives EAGAIN when a signal arrives while it works; libbpf tries as often. */
const MAX_ATTEMPTS = 5;

/** BPF_PROG_LOAD; returns a descriptor number or -errno. Retries EAGAIN unless `isAborted`. Since Linux 3.18. */
export function bpfProgLoad(
  program: ProgLoad,
  log?: VerifierLog,
  isAborted: () => boolean = () => false,
): number {
  using attr = new Attr();
  attr
    .u32(LOAD.prog_type, program.type)
    .u32(LOAD.insn_cnt, program.insns.length / 8)
    .bytes(LOAD.insns, program.insns)
    .text(LOAD.license, program.license)
    .u32(LOAD.prog_flags, program.flags)
    .objectName(LOAD.prog_name, program.name)
    .u32(LOAD.expected_attach_type, program.expectedAttachType)
    .u32(LOAD.attach_btf_id, program.attachBtfId);
  if (program.btf !== undefined) {
    const { fd, functions, lines } = program.btf;
    attr
      .u32(LOAD.prog_btf_fd, fd.number)
      .u32(LOAD.func_info_rec_size, functions.recordSize)
      .bytes(LOAD.func_info, functions.bytes)
      .u32(LOAD.func_info_cnt, functions.count);
    if (lines.count > 0) {
      attr
        .u32(LOAD.line_info_rec_size, lines.recordSize)
        .bytes(LOAD.line_info, lines.bytes)
        .u32(LOAD.line_info_cnt, lines.count);
    }
  }
  if (log !== undefined) {
    attr
      .u32(LOAD.log_level, log.level)
      .u32(LOAD.log_size, log.buffer.size)
      .pointer(LOAD.log_buf, log.buffer);
  }
  let result = -EAGAIN;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && result === -EAGAIN; attempt++) {
    if (isAborted()) break;
    result = attr.try("BPF_PROG_LOAD");
  }
  return result;
}

export interface TestRun {
  /** Context of the program; for raw tracepoints the arguments, 8 bytes each. */
  readonly context?: Uint8Array;
  /** Packet for networking programs. */
  readonly data?: Uint8Array;
  /** Runs in the kernel; raw tracepoints know only 0. */
  readonly repeat?: number;
  /** System calls to make; each runs the program (`repeat` times). Default 1. */
  readonly times?: number;
}

/** BPF_PROG_TEST_RUN; `durationNs` is the kernel's mean of `repeat` runs, 0 for raw tracepoints. Since Linux 4.12, raw tracepoints 5.10. */
export function bpfProgTestRun(program: Fd, run: TestRun): { retval: number; durationNs: number } {
  using attr = new Attr();
  attr.u32(TEST.prog_fd, program.number).u32(TEST.repeat, run.repeat ?? 0);
  // the kernel refuses an address with a length of 0
  if (run.context !== undefined && run.context.length > 0)
    attr.u32(TEST.ctx_size_in, run.context.length).bytes(TEST.ctx_in, run.context);
  if (run.data !== undefined && run.data.length > 0)
    attr.u32(TEST.data_size_in, run.data.length).bytes(TEST.data_in, run.data);
  for (let n = run.times ?? 1; n > 0; n--) attr.run("BPF_PROG_TEST_RUN", "run program for a test");
  return { retval: attr.getU32(TEST.retval) | 0, durationNs: attr.getU32(TEST.duration) };
}

/** BPF_ENABLE_STATS: run times and counts of all programs are kept while the descriptor is open. Since Linux 5.8. */
export function bpfEnableStats(): Fd {
  using attr = new Attr();
  return new Fd(attr.run("BPF_ENABLE_STATS", "enable run-time statistics"));
}
