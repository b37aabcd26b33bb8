/**
 * Text of a program in the notation of the kernel's verifier log, with labels, map names and notes where the
 * assembler left them:
 *
 *   count_calls:
 *      0: r6 = *(u64 *)(r1 +8)
 *     ; one more
 *      1: r1 = map[counters] ll
 *      3: if r0 == 0 goto exit
 *
 * Numbers before the colon are slots, as in the kernel's messages. Unknown instructions are shown in hex.
 */
import { helperName } from "./helper.ts";
import { decode, type Instruction, imm64Of, slotsOf } from "./instruction.ts";
import type { Assembled } from "./layout.ts";
import {
  AluCode,
  Atomic,
  CLASS_MASK,
  Class,
  CODE_MASK,
  JumpCode,
  MODE_MASK,
  Mode,
  OP_GOTO_LONG,
  OP_LD_IMM64,
  Pseudo,
  SIZE_MASK,
  SOURCE_REGISTER,
} from "./opcode.ts";

/** What is known beside the bytes; all optional, so that bytes from the kernel can be listed too. */
export type Listed = Pick<Assembled, "insns"> & Partial<Assembled>;

interface Names {
  readonly labels: ReadonlyMap<number, readonly string[]>;
  readonly maps: ReadonlyMap<number, string>;
}

/** Lists a program, one instruction a line, ending with a newline. */
export function disassemble(program: Listed): string {
  const labels = group(program.labels ?? [], (note) => note.label);
  const comments = group(program.comments ?? [], (note) => note.text);
  const spans = new Map(program.spans?.map((note) => [note.insnOffset, note.span]));
  const maps = new Map(program.relocations?.map((r) => [r.insnOffset, r.map]));
  const lines: string[] = [];
  let at = 0;
  const notes = (): void => {
    for (const label of labels.get(at) ?? []) lines.push(`${label}:`);
    const span = spans.get(at);
    if (span) lines.push(`  ; ${oneLine(span.file.text.slice(span.start, span.end))}`);
    for (const comment of comments.get(at) ?? []) lines.push(`  ; ${oneLine(comment)}`);
  };
  for (const instruction of decode(program.insns)) {
    notes();
    const text = disassembleInstruction(instruction, at, { labels, maps });
    lines.push(`${String(at).padStart(4)}: ${text}`);
    at += slotsOf(instruction);
  }
  notes();
  return lines.map((line) => `${line}\n`).join("");
}

/** Text of one instruction that stands in slot `at`. */
export function disassembleInstruction(
  instruction: Instruction,
  at = 0,
  names: Names = { labels: new Map(), maps: new Map() },
): string {
  return describe(instruction, at, names) ?? `(unknown ${hex(instruction)})`;
}

function describe(i: Instruction, at: number, names: Names): string | undefined {
  switch (i.opcode & CLASS_MASK) {
    case Class.ALU:
      return alu(i, "w");
    case Class.ALU64:
      return alu(i, "r");
    case Class.JMP:
      return jump(i, "r", at, names);
    case Class.JMP32:
      return jump(i, "w", at, names);
    case Class.LD:
      return i.opcode === OP_LD_IMM64 && i.high !== undefined ? loadImm(i, at, names) : undefined;
    default:
      return memory(i);
  }
}

const ALU_SIGNS = new Map<number, string>([
  [AluCode.add, "+="],
  [AluCode.sub, "-="],
  [AluCode.mul, "*="],
  [AluCode.div, "/="],
  [AluCode.or, "|="],
  [AluCode.and, "&="],
  [AluCode.lsh, "<<="],
  [AluCode.rsh, ">>="],
  [AluCode.mod, "%="],
  [AluCode.xor, "^="],
  [AluCode.mov, "="],
  [AluCode.arsh, "s>>="],
]);

function alu(i: Instruction, prefix: "r" | "w"): string | undefined {
  const code = i.opcode & CODE_MASK;
  const dst = `${prefix}${i.dst}`;
  const isRegister = (i.opcode & SOURCE_REGISTER) !== 0;
  if (code === AluCode.neg) return `${dst} = -${dst}`;
  if (code === AluCode.end) {
    const order = prefix === "r" ? "bswap" : isRegister ? "be" : "le";
    return `r${i.dst} = ${order}${i.imm} r${i.dst}`;
  }
  const sign = ALU_SIGNS.get(code);
  if (sign === undefined) return undefined;
  const value = isRegister ? `${prefix}${i.src}` : String(i.imm);
  if (i.offset === 0) return `${dst} ${sign} ${value}`;
  // since 6.6 an offset turns div and mod signed, and mov into a sign extension of `offset` bits
  if (code === AluCode.mov && isRegister) return `${dst} = (s${i.offset})${value}`;
  if ((code === AluCode.div || code === AluCode.mod) && i.offset === 1)
    return `${dst} s${sign} ${value}`;
  return undefined;
}

const CONDITION_SIGNS = new Map<number, string>([
  [JumpCode.eq, "=="],
  [JumpCode.ne, "!="],
  [JumpCode.gt, ">"],
  [JumpCode.ge, ">="],
  [JumpCode.lt, "<"],
  [JumpCode.le, "<="],
  [JumpCode.set, "&"],
  [JumpCode.sgt, "s>"],
  [JumpCode.sge, "s>="],
  [JumpCode.slt, "s<"],
  [JumpCode.sle, "s<="],
]);

function jump(i: Instruction, prefix: "r" | "w", at: number, names: Names): string | undefined {
  if (i.opcode === OP_GOTO_LONG) return `gotol ${target(i.imm, at, names)}`;
  const code = i.opcode & CODE_MASK;
  if (prefix === "r") {
    if (code === JumpCode.ja) return `goto ${target(i.offset, at, names)}`;
    if (code === JumpCode.exit) return "exit";
    if (code === JumpCode.call) return call(i, at, names);
  }
  const sign = CONDITION_SIGNS.get(code);
  if (sign === undefined) return undefined;
  const right = (i.opcode & SOURCE_REGISTER) !== 0 ? `${prefix}${i.src}` : String(i.imm);
  return `if ${prefix}${i.dst} ${sign} ${right} goto ${target(i.offset, at, names)}`;
}

function call(i: Instruction, at: number, names: Names): string | undefined {
  if (i.src === Pseudo.CALL) return `call ${target(i.imm, at, names)}`;
  if (i.src === Pseudo.KFUNC_CALL) return `call kfunc#${i.imm}`;
  return i.src === 0 ? `call ${helperName(i.imm) ?? `unknown#${i.imm}`}` : undefined;
}

function loadImm(i: Instruction, at: number, names: Names): string {
  const dst = `r${i.dst}`;
  switch (i.src) {
    case Pseudo.MAP_FD:
      return `${dst} = map[${names.maps.get(at) ?? `fd:${i.imm}`}] ll`;
    case Pseudo.MAP_VALUE:
      return `${dst} = map[${names.maps.get(at) ?? `fd:${i.imm}`}][0]+${i.high} ll`;
    case Pseudo.FUNC:
      return `${dst} = func[${target(i.imm, at, names)}] ll`;
    case Pseudo.BTF_ID:
      return `${dst} = btf[${i.imm}] ll`;
    default:
      return `${dst} = 0x${imm64Of(i).toString(16)} ll`;
  }
}

const SIZES = ["u32", "u16", "u8", "u64"];
const SIGNED_SIZES = ["s32", "s16", "s8", "s64"];
const ATOMIC_SIGNS = new Map<number, string>([
  [Atomic.add, "+="],
  [Atomic.or, "|="],
  [Atomic.and, "&="],
  [Atomic.xor, "^="],
]);
const ATOMIC_NAMES = new Map<number, string>([
  [Atomic.add, "add"],
  [Atomic.or, "or"],
  [Atomic.and, "and"],
  [Atomic.xor, "xor"],
]);

function memory(i: Instruction): string | undefined {
  const nth = (i.opcode & SIZE_MASK) >> 3;
  const size = SIZES[nth] ?? "";
  const place = (base: number): string =>
    `(r${base} ${i.offset < 0 ? "-" : "+"}${Math.abs(i.offset)})`;
  const mode = i.opcode & MODE_MASK;
  switch (i.opcode & CLASS_MASK) {
    case Class.LDX:
      if (mode === Mode.MEM) return `r${i.dst} = *(${size} *)${place(i.src)}`;
      if (mode === Mode.MEMSX) return `r${i.dst} = *(${SIGNED_SIZES[nth]} *)${place(i.src)}`;
      return undefined;
    case Class.ST:
      return mode === Mode.MEM ? `*(${size} *)${place(i.dst)} = ${i.imm}` : undefined;
    case Class.STX:
      if (mode === Mode.MEM) return `*(${size} *)${place(i.dst)} = r${i.src}`;
      return mode === Mode.ATOMIC ? atomic(i, size, place(i.dst)) : undefined;
    default:
      return undefined;
  }
}

function atomic(i: Instruction, size: string, place: string): string | undefined {
  const width = size === "u32" ? "" : "64";
  if (i.imm === Atomic.xchg)
    return `r${i.src} = atomic${width}_xchg((${size} *)${place}, r${i.src})`;
  if (i.imm === Atomic.cmpxchg)
    return `r0 = atomic${width}_cmpxchg((${size} *)${place}, r0, r${i.src})`;
  const sign = ATOMIC_SIGNS.get(i.imm);
  if (sign !== undefined) return `lock *(${size} *)${place} ${sign} r${i.src}`;
  const name = ATOMIC_NAMES.get(i.imm & ~Atomic.FETCH);
  if (name === undefined || (i.imm & Atomic.FETCH) === 0) return undefined;
  return `r${i.src} = atomic${width}_fetch_${name}((${size} *)${place}, r${i.src})`;
}

/** A place in the program: its first label, else the distance as the kernel writes it. */
function target(distance: number, at: number, names: Names): string {
  const label = names.labels.get(at + 1 + distance)?.[0];
  return label ?? `pc${distance < 0 ? "" : "+"}${distance}`;
}

function group<T extends { readonly insnOffset: number }>(
  notes: readonly T[],
  text: (note: T) => string,
): Map<number, string[]> {
  const groups = new Map<number, string[]>();
  for (const note of notes) {
    const texts = groups.get(note.insnOffset);
    if (texts === undefined) groups.set(note.insnOffset, [text(note)]);
    else texts.push(text(note));
  }
  return groups;
}

/** Notes hold rule text: keep them on one line and free of terminal controls. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}

function hex(i: Instruction): string {
  const byte = (n: number): string => n.toString(16).padStart(2, "0");
  return `${byte(i.opcode)} r${i.dst} r${i.src} ${i.offset} ${i.imm}`;
}
