/**
 * Builds BPF programs: one method per instruction, labels instead of offsets, maps and helpers by name.
 *
 *   const a = new Assembler("count_calls");
 *   a.load("u64", R6, R1, 8);                    // r6 = *(u64 *)(r1 +8)
 *   a.store("u32", R10, -4, 0);                  // *(u32 *)(r10 -4) = 0
 *   a.mov(R2, R10).add(R2, -4);                  // operands are registers or numbers
 *   a.loadMap(R1, "counters");                   // resolved when the program is loaded
 *   a.call("bpf_map_lookup_elem");
 *   a.jump("eq", R0, 0, "exit");                 // if r0 == 0 goto exit
 *   a.comment("one more").mov(R1, 1);
 *   a.atomicAdd("u64", R0, 0, R1);
 *   a.label("exit").mov(R0, 0).exit();
 *   a.assemble()                                 // -> Assembled: bytes, relocations, functions, notes
 *
 * Order of operands is as in an assignment: destination first. Memory is written (size, base, offset, value)
 * and read (size, destination, base, offset). `…32` methods compute in the lower 32 bits and clear the upper.
 * Immediates are signed 32-bit and sign-extended by the kernel; loadImm takes any 64-bit value.
 *
 * Callbacks and subprograms start with `function(name)` behind the main program's last exit and are used
 * through callFunction (bpf-to-bpf call) or loadFunction (argument of bpf_loop).
 * A span given by `at` belongs to all following instructions; a comment to the next one.
 * A jump too long for its 16-bit field becomes a gotol by itself (see layout.ts).
 */
import type { Span } from "../../base/span.ts";
import { HELPER_IDS, type HelperName } from "./helper.ts";
import { checkImm, checkImm32, checkOffset } from "./immediates.ts";
import { type Assembled, type CodeItem, layOut, type Reference } from "./layout.ts";
import {
  AluCode,
  type AluOp,
  Atomic,
  type AtomicOp,
  Class,
  JumpCode,
  type JumpCondition,
  Mode,
  OP_CALL,
  OP_EXIT,
  OP_GOTO,
  OP_LD_IMM64,
  Pseudo,
  type Size,
  SizeBits,
  SOURCE_REGISTER,
} from "./opcode.ts";
import { R0, type Register, registerNumber } from "./register.ts";
import { tidy } from "./tidy.ts";

/** A register, or an immediate that fits in 32 bits. */
export type Operand = Register | number | bigint;

export class Assembler {
  readonly #name: string;
  readonly #items: CodeItem[] = [];
  readonly #labels = new Map<string, number>();
  readonly #functions: { label: string; item: number }[] = [];
  readonly #comments: { item: number; text: string }[] = [];
  readonly #spans: { item: number; span: Span | undefined }[] = [];
  #unique = 0;

  /** `name` is the main program's label: the name of its function in listings and BTF. */
  constructor(name = "main") {
    this.#name = name;
    this.function(name);
  }

  // --- places and notes

  /** Gives the next instruction a name. Throws when the name is taken. */
  label(name: string): this {
    if (this.#labels.has(name)) throw new Error(`Cannot place label "${name}": already placed`);
    this.#labels.set(name, this.#items.length);
    return this;
  }

  /** A label name that nobody else gets: `hint.1`, `hint.2` … */
  newLabel(hint: string): string {
    this.#unique++;
    return `${hint}.${this.#unique}`;
  }

  /** Starts a subprogram or callback: a label that is also a function for the verifier. */
  function(name: string): this {
    this.label(name);
    this.#functions.push({ label: name, item: this.#items.length });
    return this;
  }

  /** Text for the next instruction in listings. */
  comment(text: string): this {
    this.#comments.push({ item: this.#items.length, text });
    return this;
  }

  /** The rule text that the following instructions come from; `undefined` for none. */
  at(span: Span | undefined): this {
    const last = this.#spans.at(-1);
    if (last?.span === span) return this;
    if (last?.item === this.#items.length) this.#spans.pop();
    this.#spans.push({ item: this.#items.length, span });
    return this;
  }

  /** The span that the next instruction gets. */
  get span(): Span | undefined {
    return this.#spans.at(-1)?.span;
  }

  /** Number of instructions so far (a 64-bit immediate counts once). */
  get length(): number {
    return this.#items.length;
  }

  // --- arithmetic

  /** 64-bit `dst = dst op operand`. div and mod are unsigned; x/0 is 0, x%0 is x. */
  alu(op: AluOp, dst: Register, operand: Operand): this {
    return this.#alu(Class.ALU64, AluCode[op], dst, operand, 0);
  }

  /** The same in 32 bits; the upper half of `dst` becomes 0. */
  alu32(op: AluOp, dst: Register, operand: Operand): this {
    return this.#alu(Class.ALU, AluCode[op], dst, operand, 0);
  }

  mov(dst: Register, operand: Operand): this {
    return this.alu("mov", dst, operand);
  }
  add(dst: Register, operand: Operand): this {
    return this.alu("add", dst, operand);
  }
  sub(dst: Register, operand: Operand): this {
    return this.alu("sub", dst, operand);
  }
  mul(dst: Register, operand: Operand): this {
    return this.alu("mul", dst, operand);
  }
  div(dst: Register, operand: Operand): this {
    return this.alu("div", dst, operand);
  }
  mod(dst: Register, operand: Operand): this {
    return this.alu("mod", dst, operand);
  }
  and(dst: Register, operand: Operand): this {
    return this.alu("and", dst, operand);
  }
  or(dst: Register, operand: Operand): this {
    return this.alu("or", dst, operand);
  }
  xor(dst: Register, operand: Operand): this {
    return this.alu("xor", dst, operand);
  }
  lsh(dst: Register, operand: Operand): this {
    return this.alu("lsh", dst, operand);
  }
  /** Shifts zeros in. */
  rsh(dst: Register, operand: Operand): this {
    return this.alu("rsh", dst, operand);
  }
  /** Shifts the sign in. */
  arsh(dst: Register, operand: Operand): this {
    return this.alu("arsh", dst, operand);
  }

  /** Copies the lower half and clears the upper; the way to truncate to u32. */
  mov32(dst: Register, operand: Operand): this {
    return this.alu32("mov", dst, operand);
  }

  /** The verifier of 6.12 loses value bounds here; `r0 = 0; r0 -= r1` keeps them. */
  neg(dst: Register): this {
    return this.#emit(Class.ALU64 | AluCode.neg, registerNumber(dst), 0, 0, 0);
  }

  /** Signed division, truncating. Since Linux 6.6. */
  sdiv(dst: Register, operand: Operand): this {
    return this.#alu(Class.ALU64, AluCode.div, dst, operand, 1);
  }

  /** Extends the lower `bits` of `src` with their sign, by two shifts (the one-instruction form needs 6.6). */
  signExtend(dst: Register, src: Register, bits: 8 | 16 | 32): this {
    if (dst !== src) this.mov(dst, src);
    return this.lsh(dst, 64 - bits).arsh(dst, 64 - bits);
  }

  /** Keeps the lower `bits`, swapped between host order and big endian; upper bits become 0. */
  toBigEndian(dst: Register, bits: 16 | 32 | 64): this {
    const opcode = Class.ALU | AluCode.end | SOURCE_REGISTER;
    return this.#emit(opcode, registerNumber(dst), 0, 0, bits);
  }

  // --- constants and addresses

  /** Any 64-bit value (-2^63 … 2^64-1) by the shortest instruction that makes it. */
  loadImm(dst: Register, value: number | bigint): this {
    const wide = BigInt(value);
    if (wide < -(1n << 63n) || wide >= 1n << 64n)
      throw new RangeError(`Cannot load ${value}: wider than 64 bits`);
    const signed = BigInt.asIntN(64, wide);
    if (signed >= -0x80000000n && signed <= 0x7fffffffn) return this.mov(dst, Number(signed));
    if (signed >= 0n && signed <= 0xffffffffn) return this.mov32(dst, Number(signed) | 0);
    const low = Number(BigInt.asIntN(32, signed));
    const high = Number(BigInt.asIntN(32, signed >> 32n));
    return this.#emit(OP_LD_IMM64, registerNumber(dst), 0, 0, low, high);
  }

  /** The map itself, as argument of helpers. */
  loadMap(dst: Register, map: string): this {
    return this.#loadAddress(dst, Pseudo.MAP_FD, 0, { kind: "map", map });
  }

  /** Address of byte `offset` in the only element of an array map. Since Linux 5.2. */
  loadMapValue(dst: Register, map: string, offset = 0): this {
    return this.#loadAddress(dst, Pseudo.MAP_VALUE, offset, { kind: "map", map });
  }

  /** Address of a function of this program, for bpf_loop and the like. Since Linux 5.13; needs func_info. */
  loadFunction(dst: Register, name: string): this {
    return this.#loadAddress(dst, Pseudo.FUNC, 0, { kind: "function", label: name });
  }

  // --- memory

  /** `dst = *(size *)(base + offset)`, zero-extended. */
  load(size: Size, dst: Register, base: Register, offset: number): this {
    const opcode = Class.LDX | Mode.MEM | SizeBits[size];
    return this.#emit(opcode, registerNumber(dst), registerNumber(base), checkOffset(offset), 0);
  }

  /** `*(size *)(base + offset) = value`. */
  store(size: Size, base: Register, offset: number, value: Operand): this {
    const at = checkOffset(offset);
    if (typeof value === "string") {
      const opcode = Class.STX | Mode.MEM | SizeBits[size];
      return this.#emit(opcode, registerNumber(base), registerNumber(value), at, 0);
    }
    const opcode = Class.ST | Mode.MEM | SizeBits[size];
    const imm = size === "u64" ? checkImm(value) : checkImm32(value);
    return this.#emit(opcode, registerNumber(base), 0, at, imm);
  }

  /** `*(size *)(base + offset) += value`, atomically. */
  atomicAdd(size: "u32" | "u64", base: Register, offset: number, value: Register): this {
    return this.#atomic(size, Atomic.add, base, offset, value);
  }

  /** As `atomicAdd` for add, or, and, xor; `value` receives what was there before. Since Linux 5.12. */
  atomicFetch(
    op: AtomicOp,
    size: "u32" | "u64",
    base: Register,
    offset: number,
    value: Register,
  ): this {
    return this.#atomic(size, Atomic[op] | Atomic.FETCH, base, offset, value);
  }

  /** Writes `value` and receives in it what was there before. Since Linux 5.12. */
  atomicExchange(size: "u32" | "u64", base: Register, offset: number, value: Register): this {
    return this.#atomic(size, Atomic.xchg, base, offset, value);
  }

  /** Writes `value` if r0 was there; r0 receives what was there before. Since Linux 5.12. */
  atomicCompareExchange(
    size: "u32" | "u64",
    base: Register,
    offset: number,
    value: Register,
  ): this {
    return this.#atomic(size, Atomic.cmpxchg, base, offset, value);
  }

  // --- control

  /** Goes to `label` if `left condition right` holds; gt, ge, lt, le are unsigned, s… signed, set is `&`. */
  jump(condition: JumpCondition, left: Register, right: Operand, label: string): this {
    return this.#jump(Class.JMP, condition, left, right, label, checkImm);
  }

  /** Compares the lower 32 bits only. Since Linux 5.1. */
  jump32(condition: JumpCondition, left: Register, right: Operand, label: string): this {
    return this.#jump(Class.JMP32, condition, left, right, label, checkImm32);
  }

  goto(label: string): this {
    return this.#refer(OP_GOTO, 0, 0, 0, { kind: "jump", label });
  }

  /** Calls a kernel helper: arguments in r1 … r5, result in r0; r1 … r5 are lost. */
  call(helper: HelperName): this {
    return this.callId(HELPER_IDS[helper]);
  }

  /** Calls a helper by number, for ids newer than the table. */
  callId(id: number): this {
    return this.#emit(OP_CALL, 0, 0, 0, id);
  }

  /** Calls a function of this program. */
  callFunction(name: string): this {
    return this.#refer(OP_CALL, 0, Pseudo.CALL, -1, { kind: "call", label: name });
  }

  /** Calls a kernel function by its BTF id in vmlinux. Since Linux 5.13. */
  callKfunc(btfId: number): this {
    return this.#emit(OP_CALL, 0, Pseudo.KFUNC_CALL, 0, btfId);
  }

  exit(): this {
    return this.#emit(OP_EXIT, 0, 0, 0, 0);
  }

  /** `r0 = value; exit`. */
  return(value: Operand): this {
    if (value !== R0) this.mov(R0, value);
    return this.exit();
  }

  // --- result

  /**
   * Bytes and tables of the program. Throws when a label is used but not placed. With `tidy`, unreachable
   * instructions and idle jumps are left out (see tidy.ts).
   */
  assemble(options: { readonly tidy?: boolean } = {}): Assembled {
    const program = {
      name: this.#name,
      items: this.#items,
      labels: this.#labels,
      functions: this.#functions,
      comments: this.#comments,
      spans: this.#spans,
    };
    return layOut(options.tidy === true ? tidy(program) : program);
  }

  #alu(base: number, code: number, dst: Register, operand: Operand, offset: number): this {
    if (typeof operand === "string") {
      const opcode = base | code | SOURCE_REGISTER;
      return this.#emit(opcode, registerNumber(dst), registerNumber(operand), offset, 0);
    }
    const imm = base === Class.ALU ? checkImm32(operand) : checkImm(operand);
    return this.#emit(base | code, registerNumber(dst), 0, offset, imm);
  }

  #atomic(size: "u32" | "u64", op: number, base: Register, offset: number, value: Register): this {
    const opcode = Class.STX | Mode.ATOMIC | SizeBits[size];
    return this.#emit(opcode, registerNumber(base), registerNumber(value), checkOffset(offset), op);
  }

  #jump(
    base: number,
    condition: JumpCondition,
    left: Register,
    right: Operand,
    label: string,
    check: (imm: number | bigint) => number,
  ): this {
    const opcode = base | JumpCode[condition];
    const target: Reference = { kind: "jump", label };
    const dst = registerNumber(left);
    return typeof right === "string"
      ? this.#refer(opcode | SOURCE_REGISTER, dst, registerNumber(right), 0, target)
      : this.#refer(opcode, dst, 0, check(right), target);
  }

  #loadAddress(dst: Register, pseudo: number, high: number, reference: Reference): this {
    this.#items.push({
      opcode: OP_LD_IMM64,
      dst: registerNumber(dst),
      src: pseudo,
      offset: 0,
      imm: 0,
      high,
      reference,
    });
    return this;
  }

  #refer(opcode: number, dst: number, src: number, imm: number, reference: Reference): this {
    this.#items.push({ opcode, dst, src, offset: 0, imm, reference });
    return this;
  }

  #emit(
    opcode: number,
    dst: number,
    src: number,
    offset: number,
    imm: number,
    high?: number,
  ): this {
    const item: CodeItem = { opcode, dst, src, offset, imm };
    this.#items.push(high === undefined ? item : { ...item, high });
    return this;
  }
}
