/**
 * Runs eBPF programs as the assembler makes them, in plain JavaScript: for tests that need neither root nor a kernel.
 * What the verifier would refuse (an access out of bounds, a call of an unknown helper, a loop without end) is a VmError.
 *
 * A load through a pointer to a kernel object that is not there gives 0, as the kernel's exception table does for
 * pointers with type information (BPF_PROBE_MEM, since 5.5).
 */
import { type Assembled, decode, INSN_SIZE, type Instruction, STACK_SIZE } from "../asm/index.ts";
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
  SizeBits,
  SOURCE_REGISTER,
} from "../asm/opcode.ts";
import { compute32, compute64 } from "./arithmetic.ts";
import { holds } from "./conditions.ts";
import { VmError, type VmMemory } from "./memory.ts";
import { Registers } from "./registers.ts";

/** What a program can call. Gets r1…r5 in `registers`; what it gives becomes r0. */
export type HelperFunction = (id: number, registers: Registers, cpu: Cpu) => bigint;

/** What names in a program stand for. */
export interface Linking {
  /** What the program gets for a reference to the map. */
  mapPointer(name: string): bigint;
  /** Address of the map's first value. */
  mapValue(name: string): bigint;
  readonly helper: HelperFunction;
}

/** Instructions of one run: the kernel's own limit of what it verifies. */
const MAX_STEPS = 1_000_000;
const MAX_FRAMES = 8;
/** What a conditional jump has done, as bits. */
export const Branch = { passed: 1, taken: 2 } as const;
/** Unwritten stack: a program that depends on it is wrong. */
const JUNK = 0xa5;

export class Cpu {
  readonly registers = new Registers();
  /** 1 for each slot that has been executed. */
  readonly covered: Uint8Array;
  /** For each slot with a conditional jump, what it has done: bits of `Branch`. */
  readonly branches: Uint8Array;
  /** How many bits are set in `branches`. */
  branchCount = 0;
  readonly name: string;
  readonly #memory: VmMemory;
  readonly #linking: Linking;
  /** By slot; undefined: the second half of a 64-bit immediate. */
  readonly #slots: (Instruction | undefined)[] = [];
  readonly #maps: ReadonlyMap<number, string>;
  #steps = 0;
  #frames = 0;

  constructor(program: Assembled, memory: VmMemory, linking: Linking) {
    this.name = program.name;
    this.#memory = memory;
    this.#linking = linking;
    this.#maps = new Map(program.relocations.map(({ insnOffset, map }) => [insnOffset, map]));
    for (const instruction of decode(program.insns)) {
      this.#slots.push(instruction);
      if (instruction.high !== undefined) this.#slots.push(undefined);
    }
    this.covered = new Uint8Array(program.insns.length / INSN_SIZE);
    this.branches = new Uint8Array(this.covered.length);
  }

  /** Runs the program with this address in r1; gives r0. */
  run(context: bigint): bigint {
    this.#steps = 0;
    this.#frames = 0;
    return this.call(0, [context]);
  }

  /** Calls the function at a slot with arguments r1…; gives its r0. For helpers with a callback, too. */
  call(slot: number, args: readonly bigint[]): bigint {
    const { registers } = this;
    const saved = registers.saved();
    args.forEach((value, i) => {
      registers.set(1 + i, value);
    });
    this.#enter(slot);
    registers.restore(saved);
    return registers.get(0);
  }

  #enter(slot: number): void {
    if (++this.#frames > MAX_FRAMES) throw new VmError(`${this.name}: more than 8 frames`);
    const stack = this.#memory.allocate("stack", STACK_SIZE);
    this.#memory.at(stack, STACK_SIZE).fill(JUNK);
    this.registers.set(10, stack + BigInt(STACK_SIZE));
    try {
      this.#execute(slot);
    } finally {
      this.#memory.free(stack);
      this.#frames--;
    }
  }

  #execute(from: number): void {
    const { covered } = this;
    for (let at = from; ; ) {
      if (++this.#steps > MAX_STEPS) this.#fail(at, "does not end");
      const i = this.#slots[at];
      if (i === undefined) this.#fail(at, "runs where there is no instruction");
      covered[at] = 1;
      switch (i.opcode & CLASS_MASK) {
        case Class.ALU64:
        case Class.ALU:
          this.#compute(i, at);
          at++;
          break;
        case Class.LD:
          this.#loadImmediate(i, at);
          at += 2;
          break;
        case Class.LDX:
          this.#load(i, at);
          at++;
          break;
        case Class.ST:
        case Class.STX:
          this.#store(i, at);
          at++;
          break;
        default: {
          const code = i.opcode & CODE_MASK;
          if (i.opcode === OP_GOTO_LONG) at += 1 + i.imm;
          else if (code === JumpCode.ja) at += 1 + i.offset;
          else if (code === JumpCode.exit) return;
          else if (code === JumpCode.call) {
            this.#call(i, at);
            at++;
          } else {
            const isTaken = this.#isTaken(i, code);
            this.#note(at, isTaken ? Branch.taken : Branch.passed);
            at += isTaken ? 1 + i.offset : 1;
          }
        }
      }
    }
  }

  #note(at: number, branch: number): void {
    const before = this.branches[at] as number;
    if ((before & branch) !== 0) return;
    this.branches[at] = before | branch;
    this.branchCount++;
  }

  #compute(i: Instruction, at: number): void {
    const { registers: r } = this;
    const code = i.opcode & CODE_MASK;
    const is64 = (i.opcode & CLASS_MASK) === Class.ALU64;
    const isRegister = (i.opcode & SOURCE_REGISTER) !== 0;
    if (code === AluCode.neg) {
      const value = -r.get(i.dst);
      r.set(i.dst, is64 ? value : BigInt.asUintN(32, value));
      return;
    }
    if (code === AluCode.end) {
      this.#swap(i, is64 || isRegister);
      return;
    }
    if (i.offset !== 0) {
      this.#extend(i, code, is64, at);
      return;
    }
    const low = isRegister ? (r.low[i.src] as number) : i.imm;
    const high = isRegister ? (r.high[i.src] as number) : i.imm >> 31;
    const done = is64 ? compute64(r, code, i.dst, high, low) : compute32(r, code, i.dst, low);
    if (!done) this.#fail(at, `has arithmetic 0x${code.toString(16)}`);
  }

  /** Sign extension on the way from register to register, since 6.6. */
  #extend(i: Instruction, code: number, is64: boolean, at: number): void {
    if (code !== AluCode.mov) this.#fail(at, "has signed division");
    const value = BigInt.asIntN(i.offset, this.registers.get(i.src));
    this.registers.set(i.dst, is64 ? value : BigInt.asUintN(32, value));
  }

  #swap(i: Instruction, swaps: boolean): void {
    let value = BigInt.asUintN(i.imm, this.registers.get(i.dst));
    if (swaps) {
      let swapped = 0n;
      for (let bits = 0; bits < i.imm; bits += 8) {
        swapped = (swapped << 8n) | (value & 0xffn);
        value >>= 8n;
      }
      value = swapped;
    }
    this.registers.set(i.dst, value);
  }

  #isTaken(i: Instruction, code: number): boolean {
    const { low, high } = this.registers;
    const isRegister = (i.opcode & SOURCE_REGISTER) !== 0;
    const aLow = low[i.dst] as number;
    const bLow = isRegister ? (low[i.src] as number) : i.imm;
    if ((i.opcode & CLASS_MASK) === Class.JMP32)
      return holds(code, aLow >> 31, aLow, bLow >> 31, bLow);
    const bHigh = isRegister ? (high[i.src] as number) : i.imm >> 31;
    return holds(code, high[i.dst] as number, aLow, bHigh, bLow);
  }

  #loadImmediate(i: Instruction, at: number): void {
    if (i.opcode !== OP_LD_IMM64 || i.high === undefined) this.#fail(at, "has no such load");
    const { registers: r } = this;
    const map = this.#maps.get(at) ?? "";
    if (i.src === Pseudo.MAP_FD) r.set(i.dst, this.#linking.mapPointer(map));
    else if (i.src === Pseudo.MAP_VALUE) r.set(i.dst, this.#linking.mapValue(map) + BigInt(i.high));
    else if (i.src === Pseudo.FUNC) r.setHalves(i.dst, 0, at + 1 + i.imm);
    else r.setHalves(i.dst, i.high, i.imm);
  }

  #load(i: Instruction, at: number): void {
    const { registers: r } = this;
    const size = sizeOf(i.opcode);
    const [high, low] = this.#place(i.src, i.offset);
    const region = this.#memory.region(high);
    const mode = i.opcode & MODE_MASK;
    if (mode !== Mode.MEM && mode !== Mode.MEMSX) this.#fail(at, "has no such load");
    if (region === undefined) {
      r.setHalves(i.dst, 0, 0);
      return;
    }
    if (low + size > region.bytes.length) this.#fail(at, `reads outside of ${region.name}`);
    if (size === 8) {
      r.setHalves(i.dst, region.view.getInt32(low + 4, true), region.view.getInt32(low, true));
      return;
    }
    const isSigned = mode === Mode.MEMSX;
    const value = readUpTo32(region.view, low, size, isSigned);
    r.setHalves(i.dst, isSigned ? value >> 31 : 0, value | 0);
  }

  #store(i: Instruction, at: number): void {
    const { registers: r } = this;
    const size = sizeOf(i.opcode);
    const [high, low] = this.#place(i.dst, i.offset);
    const region = this.#memory.region(high);
    if (region === undefined || low + size > region.bytes.length)
      this.#fail(at, `writes outside of ${region?.name ?? "all memory"}`);
    if (!region.isWritable) this.#fail(at, `writes to ${region.name}`);
    const { view } = region;
    if ((i.opcode & MODE_MASK) === Mode.ATOMIC) {
      this.#atomic(i, view, low, size, at);
      return;
    }
    const isRegister = (i.opcode & CLASS_MASK) === Class.STX;
    const value = isRegister ? (r.low[i.src] as number) : i.imm;
    if (size === 1) view.setInt8(low, value);
    else if (size === 2) view.setInt16(low, value, true);
    else view.setInt32(low, value, true);
    if (size === 8)
      view.setInt32(low + 4, isRegister ? (r.high[i.src] as number) : i.imm >> 31, true);
  }

  #atomic(i: Instruction, view: DataView, low: number, size: number, at: number): void {
    const { registers: r } = this;
    const bits = size * 8;
    const old = size === 8 ? view.getBigUint64(low, true) : BigInt(view.getUint32(low, true));
    const operand = BigInt.asUintN(bits, r.get(i.src));
    const put = (value: bigint): void => {
      if (size === 8) view.setBigUint64(low, BigInt.asUintN(64, value), true);
      else view.setUint32(low, Number(BigInt.asUintN(32, value)), true);
    };
    if (i.imm === Atomic.cmpxchg) {
      if (BigInt.asUintN(bits, r.get(0)) === old) put(operand);
      r.set(0, old);
      return;
    }
    if (i.imm === Atomic.xchg) put(operand);
    else {
      const code = i.imm & ~Atomic.FETCH;
      if (code === Atomic.add) put(old + operand);
      else if (code === Atomic.or) put(old | operand);
      else if (code === Atomic.and) put(old & operand);
      else if (code === Atomic.xor) put(old ^ operand);
      else this.#fail(at, `has atomic 0x${i.imm.toString(16)}`);
    }
    if ((i.imm & Atomic.FETCH) !== 0) r.set(i.src, old);
  }

  /** Halves of the address `register + offset`; the lower one unsigned. */
  #place(register: number, offset: number): readonly [high: number, low: number] {
    const { low, high } = this.registers;
    const sum = ((low[register] as number) >>> 0) + offset;
    const carry = Math.floor(sum / 0x1_0000_0000);
    return [((high[register] as number) + carry) | 0, sum >>> 0];
  }

  #call(i: Instruction, at: number): void {
    const { registers: r } = this;
    if (i.src === Pseudo.CALL) {
      const saved = r.saved();
      this.#enter(at + 1 + i.imm);
      r.restore(saved);
      return;
    }
    if (i.src !== 0) this.#fail(at, "calls a kernel function");
    const result = this.#linking.helper(i.imm, r, this);
    r.set(0, result);
    // r1 … r5 are gone, as the verifier has it
    for (let n = 1; n <= 5; n++) r.setHalves(n, 0x5a5a5a5a, 0x5a5a5a5a);
  }

  #fail(at: number, what: string): never {
    throw new VmError(`${this.name}: instruction ${at} ${what}`);
  }
}

const SIZES: Readonly<Record<number, number>> = {
  [SizeBits.u8]: 1,
  [SizeBits.u16]: 2,
  [SizeBits.u32]: 4,
  [SizeBits.u64]: 8,
};

function sizeOf(opcode: number): number {
  return SIZES[opcode & SIZE_MASK] as number;
}

function readUpTo32(view: DataView, at: number, size: number, isSigned: boolean): number {
  if (size === 1) return isSigned ? view.getInt8(at) : view.getUint8(at);
  if (size === 2) return isSigned ? view.getInt16(at, true) : view.getUint16(at, true);
  return view.getInt32(at, true);
}
