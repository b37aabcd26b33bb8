/**
 * Programs: from a ProgramSpec (plain data) to a verified program in the kernel. Loading writes no verifier log,
 * because a log makes it slower and can overflow; only a refused program is loaded again to learn why.
 */
import { E2BIG, EFAULT, ENOSPC, EPERM, Fd, liftMemlockLimit, Memory } from "../../sys/index.ts";
import { type Assembled, INSN_SIZE } from "../asm/index.ts";
import { adviceFor } from "../command/advice.ts";
import { bpfError } from "../command/attr.ts";
import { bpfBtfLoad } from "../command/object-commands.ts";
import { bpfProgLoad, type ProgLoad } from "../command/prog-commands.ts";
import {
  ATTACH_TYPE,
  type AttachType,
  BPF_F_SLEEPABLE,
  PROGRAM_TYPE,
  type ProgramType,
} from "../constants.ts";
import type { BpfMap } from "../map/map.ts";
import { Program } from "./program.ts";
import { type ProgramBtf, spanAt, writeProgramBtf } from "./program-btf.ts";
import { VerifierError } from "./verifier-error.ts";

export interface ProgramSpec {
  readonly name: string;
  readonly type: ProgramType;
  readonly code: Assembled;
  /** What the kernel believes the licence to be; helpers for tracing need one that is compatible with the GPL. */
  readonly license?: string;
  /** For tracing and LSM programs. */
  readonly expectedAttachType?: AttachType;
  /** BTF id in vmlinux of the function (tracing), of `bpf_lsm_…` (lsm) or of the tracepoint's typedef (tp_btf). */
  readonly attachBtfId?: number;
  readonly isSleepable?: boolean;
}

export interface LoadOptions {
  /** Maps by the names that the code uses. */
  readonly maps?: ReadonlyMap<string, BpfMap>;
  /** Asked whenever a signal has interrupted the verifier: true ends the attempt with a LoadAbortedError. */
  readonly isAborted?: () => boolean;
}

/** Somebody did not want to wait for the verifier any longer. */
export class LoadAbortedError extends Error {
  override readonly name = "LoadAbortedError";
}

/** EINTR, EAGAIN, ENOMEM, ENFILE, EMFILE: whatever the log says, the program is not at fault. */
const NOT_OF_THE_PROGRAM: ReadonlySet<number> = new Set([4, 11, 12, 23, 24]);

/** Room for the result without a trace. */
const LOG_SHORT = 64 * 1024;
/** Verifying for a reason takes as long as verifying does: after this time it is not worth it where errno says enough. */
const LONG_MS = 1000;
/** What the verifier would say of E2BIG. */
const TOO_LARGE = "the BPF program is too large";
/** First room for a trace. Since Linux 6.4 a full buffer holds its end, which is what matters … */
const LOG_TRACE = 512 * 1024;
/** … before that, its start: there the buffer must be long enough for all. */
const LOG_MAX = 16 * 1024 * 1024;

/**
 * Loads a program. Throws VerifierError with the verifier's reason, SyscallError when it gave none, or LoadAbortedError.
 */
export function loadProgram(spec: ProgramSpec, options: LoadOptions = {}): Program {
  try {
    return new Program(spec.name, spec.type, verify(spec, options));
  } catch (error) {
    if (options.isAborted?.()) throw new LoadAbortedError(`Program "${spec.name}" is not loaded`);
    throw error;
  }
}

function verify(spec: ProgramSpec, options: LoadOptions): Fd {
  const btf = writeProgramBtf(spec.code);
  using btfFd = btf && bpfBtfLoad(btf.bytes);
  const program = toProgLoad(spec, options, btf, btfFd);
  const { isAborted } = options;
  const began = performance.now();
  let result = bpfProgLoad(program, undefined, isAborted);
  if (result === -EPERM && tryLiftMemlockLimit())
    result = bpfProgLoad(program, undefined, isAborted);
  const tookMs = performance.now() - began;
  if (result < 0) result = loadForLog(spec, program, { errno: -result, tookMs, isAborted });
  return new Fd(result);
}

function toProgLoad(
  spec: ProgramSpec,
  options: LoadOptions,
  btf: ProgramBtf | undefined,
  btfFd: Fd | undefined,
): ProgLoad {
  const program: ProgLoad = {
    name: spec.name,
    type: PROGRAM_TYPE[spec.type],
    license: spec.license ?? "Dual MIT/GPL",
    insns: relocate(spec, options),
    flags: spec.isSleepable ? BPF_F_SLEEPABLE : 0,
    expectedAttachType:
      spec.expectedAttachType === undefined ? 0 : ATTACH_TYPE[spec.expectedAttachType],
    attachBtfId: spec.attachBtfId ?? 0,
  };
  if (btf === undefined || btfFd === undefined) return program;
  return { ...program, btf: { fd: btfFd, functions: btf.functions, lines: btf.lines } };
}

/** A copy of the instructions with the descriptors of the maps in place. */
function relocate({ name, code }: ProgramSpec, { maps }: LoadOptions): Uint8Array {
  const insns = code.insns.slice();
  const view = new DataView(insns.buffer);
  for (const { insnOffset, map } of code.relocations) {
    const object = maps?.get(map);
    if (object === undefined)
      throw new Error(`Cannot load program "${name}": it uses map "${map}", which was not given`);
    view.setInt32(insnOffset * INSN_SIZE + 4, object.fd.number, true);
  }
  return insns;
}

interface Refusal {
  readonly errno: number;
  readonly tookMs: number;
  readonly isAborted: LoadOptions["isAborted"];
}

/**
 * Loads again for the reason. First with the result only (short and quick), then with the trace of instructions
 * in a growing buffer. When the trace fits nowhere and its end was lost, the short log serves.
 */
function loadForLog(
  spec: ProgramSpec,
  program: ProgLoad,
  { errno, tookMs, isAborted }: Refusal,
): number {
  if (errno === E2BIG && tookMs > LONG_MS)
    throw new VerifierError(spec.name, errno, TOO_LARGE, () => undefined);
  const short = loadWithLog(program, 4, LOG_SHORT, isAborted);
  // it may pass this time: the cause was another, or short-lived
  if (short.result >= 0) return short.result;
  // no words at all: the refusal came before the verifier
  if (short.log === "") throw bpfError("BPF_PROG_LOAD", errno, `load program "${spec.name}"`);
  let { log } = short;
  const reason = short.isFull ? errno : -short.result;
  // the verifier has looked at it, and then there was no descriptor or memory for it
  if (NOT_OF_THE_PROGRAM.has(reason))
    throw bpfError("BPF_PROG_LOAD", reason, `load program "${spec.name}"`);
  // a limit was hit: no single instruction is at fault, and a trace of a million of them takes seconds
  const isLimit = reason === E2BIG || reason === EFAULT;
  for (let size = LOG_TRACE; !isLimit && size <= LOG_MAX; size = Math.min(size * 8, LOG_MAX)) {
    const trace = loadWithLog(program, 1, size, isAborted);
    if (trace.result >= 0) return trace.result;
    if (!trace.isFull || endsWithStatistics(trace.log)) {
      log = trace.log;
      break;
    }
    if (size === LOG_MAX) break;
  }
  // the verifier's own words say more about a fault in the program, but nothing about its limits
  const hint = isLimit ? adviceFor("BPF_PROG_LOAD", reason) : undefined;
  throw new VerifierError(spec.name, reason, log, (insn) => spanAt(spec.code, insn), hint);
}

function loadWithLog(
  program: ProgLoad,
  level: 1 | 4,
  size: number,
  isAborted: LoadOptions["isAborted"],
): { result: number; log: string; isFull: boolean } {
  using buffer = Memory.allocate(size);
  const result = bpfProgLoad(program, { level, buffer }, isAborted);
  const log = textOf(buffer.bytes);
  return { result, log, isFull: result === -ENOSPC && buffer.bytes[size - 2] !== 0 };
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(bytes.subarray(0, end < 0 ? undefined : end))
    .toString("utf8")
    .trimEnd();
}

function endsWithStatistics(log: string): boolean {
  return /\nprocessed \d+ insns [^\n]*$/.test(log);
}

function tryLiftMemlockLimit(): boolean {
  try {
    liftMemlockLimit();
    return true;
  } catch {
    return false;
  }
}
