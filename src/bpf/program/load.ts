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
}

const LOG_START = 64 * 1024;
/** Logs can be far longer. Since Linux 6.4 a full buffer holds the end, which is what matters … */
const LOG_TAIL = 512 * 1024;
/** … before that, the start: there the buffer must be long enough for all. */
const LOG_MAX = 16 * 1024 * 1024;

/** Loads a program. Throws VerifierError with the verifier's reason, or SyscallError when it gave none. */
export function loadProgram(spec: ProgramSpec, options: LoadOptions = {}): Program {
  const btf = writeProgramBtf(spec.code);
  using btfFd = btf && bpfBtfLoad(btf.bytes);
  const program = toProgLoad(spec, options, btf, btfFd);
  let result = bpfProgLoad(program);
  if (result === -EPERM && tryLiftMemlockLimit()) result = bpfProgLoad(program);
  if (result < 0) result = loadForLog(spec, program, -result);
  return new Program(spec.name, spec.type, new Fd(result));
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

/**
 * Loads again for the reason. First with the result only (level 4, short), then with the trace of instructions,
 * in a growing buffer. When the trace fits nowhere and its end was lost, the short log serves.
 */
function loadForLog(spec: ProgramSpec, program: ProgLoad, errno: number): number {
  let log = "";
  let reason = errno;
  for (let level: 1 | 4 = 4, size = LOG_START; ; ) {
    using buffer = Memory.allocate(size);
    const result = bpfProgLoad(program, { level, buffer });
    // it may pass this time: the cause was another, or short-lived
    if (result >= 0) return result;
    const text = textOf(buffer.bytes);
    const isFull = result === -ENOSPC && text.length >= size - 4096;
    if (!isFull) reason = -result;
    // no words at all: the refusal came before the verifier, and a longer look will not help
    if (text === "" && level === 4) break;
    const isWhole = !isFull || (size >= LOG_TAIL && endsWithStatistics(text));
    if (!isWhole && size < LOG_MAX) {
      size = Math.min(size * 8, LOG_MAX);
      continue;
    }
    if (isWhole) log = text;
    if (level === 1) break;
    level = 1;
    size = LOG_START;
  }
  if (log === "") throw bpfError("BPF_PROG_LOAD", reason, `load program "${spec.name}"`);
  // the verifier's own words say more about a fault in the program, but nothing about its limits
  const isLimit = reason === E2BIG || reason === EFAULT;
  const hint = isLimit ? adviceFor("BPF_PROG_LOAD", reason) : undefined;
  throw new VerifierError(spec.name, reason, log, (insn) => spanAt(spec.code, insn), hint);
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
