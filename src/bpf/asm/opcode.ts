/**
 * Opcodes of the BPF instruction set (include/uapi/linux/bpf.h, bpf_common.h), one byte each.
 *
 *   arithmetic and jumps            loads and stores
 *   7     4   3   2    0            7    5 4    3 2    0
 *   | code  | src | class |         | mode | size | class |
 *
 * `src` is 0 for an immediate operand, 1 for a register.
 */
export const Class = {
  LD: 0x00,
  LDX: 0x01,
  ST: 0x02,
  STX: 0x03,
  ALU: 0x04,
  JMP: 0x05,
  JMP32: 0x06,
  ALU64: 0x07,
} as const;

export const CLASS_MASK = 0x07;
export const CODE_MASK = 0xf0;
/** Operand bit: set for a register operand (BPF_X), clear for an immediate (BPF_K). */
export const SOURCE_REGISTER = 0x08;

export const AluCode = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  div: 0x30,
  or: 0x40,
  and: 0x50,
  lsh: 0x60,
  rsh: 0x70,
  neg: 0x80,
  mod: 0x90,
  xor: 0xa0,
  mov: 0xb0,
  arsh: 0xc0,
  /** Byte order: class ALU = to little (K) or big (X) endian, ALU64 = swap always (since 6.6). */
  end: 0xd0,
} as const;
export type AluOp = Exclude<keyof typeof AluCode, "neg" | "end">;

export const JumpCode = {
  ja: 0x00,
  eq: 0x10,
  gt: 0x20,
  ge: 0x30,
  set: 0x40,
  ne: 0x50,
  sgt: 0x60,
  sge: 0x70,
  call: 0x80,
  exit: 0x90,
  lt: 0xa0,
  le: 0xb0,
  slt: 0xc0,
  sle: 0xd0,
} as const;
/** Conditions; `set` is true when dst & operand is not 0, the `s…` ones compare signed. */
export type JumpCondition = Exclude<keyof typeof JumpCode, "ja" | "call" | "exit">;

/** The condition that holds exactly when the given one does not; `set` has none. */
export const INVERSE: Readonly<Record<Exclude<JumpCondition, "set">, JumpCondition>> = {
  eq: "ne",
  ne: "eq",
  gt: "le",
  le: "gt",
  ge: "lt",
  lt: "ge",
  sgt: "sle",
  sle: "sgt",
  sge: "slt",
  slt: "sge",
};

export const Mode = {
  IMM: 0x00,
  MEM: 0x60,
  /** Sign-extending load, since 6.6. */
  MEMSX: 0x80,
  ATOMIC: 0xc0,
} as const;
export const MODE_MASK = 0xe0;

/** Width of a memory access. */
export type Size = "u8" | "u16" | "u32" | "u64";
export const SizeBits: Readonly<Record<Size, number>> = {
  u32: 0x00,
  u16: 0x08,
  u8: 0x10,
  u64: 0x18,
};
export const SIZE_MASK = 0x18;
/** Bytes of each width. */
export const SIZE_BYTES: Readonly<Record<Size, number>> = { u8: 1, u16: 2, u32: 4, u64: 8 };

/** Value of `imm` in atomic instructions; FETCH makes them return the old value. Since 5.12, add since 3.18. */
export const Atomic = {
  add: 0x00,
  or: 0x40,
  and: 0x50,
  xor: 0xa0,
  FETCH: 0x01,
  xchg: 0xe1,
  cmpxchg: 0xf1,
} as const;
export type AtomicOp = "add" | "or" | "and" | "xor";

/** Meaning of the src field in ld_imm64 and call instructions. */
export const Pseudo = {
  MAP_FD: 1,
  MAP_VALUE: 2,
  BTF_ID: 3,
  FUNC: 4,
  CALL: 1,
  KFUNC_CALL: 2,
} as const;

/** First half of a 64-bit immediate load; takes two slots. */
export const OP_LD_IMM64 = Class.LD | Mode.IMM | SizeBits.u64;
export const OP_GOTO = Class.JMP | JumpCode.ja;
/** Jump with a 32-bit displacement in `imm` ("gotol"). */
export const OP_GOTO_LONG = Class.JMP32 | JumpCode.ja;
export const OP_CALL = Class.JMP | JumpCode.call;
export const OP_EXIT = Class.JMP | JumpCode.exit;
