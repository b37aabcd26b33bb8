/**
 * Members of structs, from the memory of the caller. What cannot be read yet is put off like text (see strings.ts): the
 * address of a struct is kept in the record, so that it can be read again in a hook or when the call returns.
 */
import { R0, R1, R2, R3, R4, R8, R10, type Register } from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE } from "../../events/layout.ts";
import type { Presentation, StructField } from "../../language/vocabulary.ts";
import { wordSize } from "../../linux/index.ts";
import { STRING_READ_SIZE } from "../layout/area.ts";
import type { FieldCondition, FieldPlace, TextField } from "../plan/block.ts";
import { addressOfHook, decidesOnCopy, fieldPlace, inlineSize } from "../plan/struct-field.ts";
import type { Context, Faults } from "./context.ts";
import type { EntryAddress } from "./place.ts";
import { extend, loadSource, SIZE_OF } from "./values.ts";

/** Faults, and where a struct that is not given leads: nothing can make that readable. */
export interface PointerFaults extends Faults {
  readonly isNull?: string;
}

/**
 * r0 = address of the struct; gives the member, or undefined where the code behind is never reached. Clobbers r0 … r5. The
 * evaluator asks for the address first, then whether the struct has such a member (readField in language/evaluate/read-field.ts).
 */
export function loadStruct(
  c: Context,
  place: FieldPlace,
  faults: PointerFaults,
): Struct | undefined {
  const { a } = c;
  const { pointer, field } = place;
  const copy = copyHere(c, place);
  if (copy !== undefined && field !== undefined) {
    loadCopy(c, copy.at);
    return { field, copy };
  }
  if (pointer.kind === "absent") {
    a.goto(faults.missing);
    return undefined;
  }
  // an operation of io_uring has no registers that lead anywhere; a copy comes with the hook
  const waits = c.stage === "enter" && decidesOnCopy(c.block, place);
  if (c.isRing || waits || pointer.kind === "unknown") {
    a.goto(faults.unreadable);
    return undefined;
  }
  loadSource(c, pointer, faults.unreadable);
  narrow(c, R0);
  const isNull = faults.isNull ?? faults.unreadable;
  a.jump("eq", R0, 0, place.isOptional === true ? faults.missing : isNull);
  if (field === undefined) a.goto(faults.missing);
  else if (field.behind !== undefined) follow(c, { field, copy: undefined }, field.behind, faults);
  return field === undefined ? undefined : { field, copy: undefined };
}

/** Makes the code of each command that has such a member, wherever that has it; the ways meet behind. */
export function eachPlace(
  c: Context,
  place: FieldPlace,
  faults: PointerFaults,
  read: (place: FieldPlace) => void,
): void {
  const { a } = c;
  const isAbsent = place.pointer.kind === "absent" || place.pointer.kind === "unknown";
  if (place.only === undefined || isAbsent || c.isRing) {
    read(place);
    return;
  }
  const done = a.newLabel("member_read");
  for (let at: FieldPlace | undefined = place; at; at = at.otherwise) {
    const other = at.otherwise === undefined ? faults.missing : a.newLabel("other_commands");
    for (const condition of at.only ?? []) emitCondition(c, condition, { ...faults, other });
    read(at);
    if (at.otherwise !== undefined) a.goto(done).label(other);
  }
  a.label(done);
}

/** Goes to `other` where a number of the call has none of the values. Clobbers r0 … r5. */
function emitCondition(
  c: Context,
  { source, mask, values }: FieldCondition,
  to: Faults & { readonly other: string },
): void {
  const { a } = c;
  if (source.kind === "absent") {
    a.goto(to.missing);
    return;
  }
  loadSource(c, source, to.unreadable);
  const met = a.newLabel("command_met");
  // the kernel looks at the low half of a command
  a.mov32(R0, R0);
  if (mask < LOW_HALF) a.loadImm(R1, mask).and(R0, R1);
  for (const value of values)
    if (value < 1n << 31n) a.jump("eq", R0, Number(value), met);
    else a.loadImm(R1, value).jump("eq", R0, R1, met);
  a.goto(to.other).label(met);
}

const LOW_HALF = 0xffff_ffffn;

/** r0 = address of the struct that a pointer in the one at r0 leads to. */
function follow(
  c: Context,
  struct: Struct,
  { offset, size }: NonNullable<StructField["behind"]>,
  faults: Faults,
): void {
  c.stack.with(1, (to) => {
    readPart(c, struct, { offset, size, to }, faults);
    c.a.load(SIZE_OF[size], R0, R10, to).jump("eq", R0, 0, faults.missing);
  });
}

/** What loadStruct has found; its address is in r0. */
export interface Struct {
  readonly field: StructField;
  /** Arguments of the hook that are the kernel's copy and its length; undefined: it is the caller's. */
  readonly copy: ReturnType<typeof addressOfHook>;
}

/** The kernel's copy of a struct, where the code runs in the hook that receives it. */
export function copyHere({ hook }: Context, { copyHook }: FieldPlace): Struct["copy"] {
  return hook !== undefined && hook === copyHook ? addressOfHook(hook) : undefined;
}

/** r0 = an argument of the hook; through memory, so that the verifier takes it for a number. */
function loadCopy({ a, stack }: Context, at: number): void {
  stack.with(2, (slot) => {
    a.load("u64", R1, R8, at * 8).store("u64", R10, slot, R1);
    a.mov(R3, R10).add(R3, slot);
    a.mov(R1, R10)
      .add(R1, slot + 8)
      .mov(R2, 8);
    a.call("bpf_probe_read_kernel").load("u64", R0, R10, slot + 8);
  });
}

/** Address of a part of the struct in r0 to r3. */
function addressOf(c: Context, { copy }: Struct, offset: number): void {
  c.a.mov(R3, R0);
  if (offset === 0) return;
  c.a.add(R3, offset);
  if (copy === undefined) narrow(c, R3);
}

/** An address of a 32-bit program ends at 4 GiB. */
function narrow(c: Context, register: Register): void {
  if (wordSize(c.block.abi) === 4) c.a.mov32(register, register);
}

/** `size` bytes of the struct in r0 to the stack at `to`. */
export function readPart(
  c: Context,
  struct: Struct,
  { offset, size, to }: { readonly offset: number; readonly size: number; readonly to: number },
  { missing, unreadable }: Faults,
): void {
  const { a } = c;
  const { copy } = struct;
  if (copy !== undefined) {
    loadLength(c, copy);
    a.jump("lt", R1, offset + size, missing);
  }
  addressOf(c, struct, offset);
  a.mov(R1, R10).add(R1, to).mov(R2, size);
  a.call(copy === undefined ? "bpf_probe_read_user" : "bpf_probe_read_kernel");
  a.jump("ne", R0, 0, unreadable);
}

/** r1 = bytes of the kernel's copy: what lies behind is not of this call. */
function loadLength({ a }: Context, { length }: NonNullable<Struct["copy"]>): void {
  a.load("u64", R1, R8, length * 8).mov32(R1, R1);
}

/** r0 = the number that the member is. */
export function emitField(
  c: Context,
  p: Presentation,
  { index, field: name }: { readonly index: number; readonly field: string },
  faults: PointerFaults,
): void {
  eachPlace(c, fieldPlace(p, index, name), faults, (place) => emitNumber(c, place, faults));
}

function emitNumber(c: Context, place: FieldPlace, faults: PointerFaults): void {
  const { a } = c;
  const struct = loadStruct(c, place, faults);
  if (struct === undefined) {
    // keeps the code behind well-formed; the verifier never sees it as reachable
    a.mov(R0, 0);
    return;
  }
  const { offset, type, bigEndian } = struct.field;
  const { size } = type;
  c.stack.with(1, (to) => {
    readPart(c, struct, { offset, size, to }, faults);
    a.load(SIZE_OF[size], R0, R10, to);
  });
  if (bigEndian === true && size > 1) a.toBigEndian(R0, (size * 8) as 16 | 32 | 64);
  extend(c, R0, type);
}

/**
 * Reads the text of a member into the entry at `place`; r0 = its bytes and 1, or 0 for none, as bpf_probe_read_user_str
 * counts them. Text in the struct itself ends with it at the latest, and all of it must be readable.
 */
export function readFieldText(
  c: Context,
  source: TextField,
  place: () => EntryAddress,
  faults: PointerFaults,
): void {
  eachPlace(c, source, faults, (one) => readText(c, one, place, faults));
}

function readText(
  c: Context,
  source: FieldPlace,
  place: () => EntryAddress,
  faults: PointerFaults,
): void {
  const { a } = c;
  const struct = loadStruct(c, source, faults);
  if (struct === undefined) {
    a.mov(R0, 0);
    return;
  }
  const { offset, type } = struct.field;
  const toEntry = (): void => {
    const at = place();
    a.mov(R1, at.base).add(R1, at.offset + TAIL_ENTRY_HEADER_SIZE);
  };
  const inline = inlineSize(type);
  if (inline === undefined) {
    c.stack.with(1, (to) => {
      readPart(c, struct, { offset, size: type.size, to }, faults);
      a.load(SIZE_OF[type.size], R3, R10, to).jump("eq", R3, 0, faults.missing);
    });
    toEntry();
    a.mov(R2, STRING_READ_SIZE).call("bpf_probe_read_user_str");
  } else {
    if (struct.copy === undefined) a.mov(R2, inline);
    else loadRest(c, struct.copy, offset, inline, faults.missing);
    addressOf(c, struct, offset);
    toEntry();
    a.mov(R4, R1).add(R4, R2).store("u8", R4, 0, 0);
    a.call(struct.copy === undefined ? "bpf_probe_read_user" : "bpf_probe_read_kernel");
    a.jump("ne", R0, 0, faults.unreadable);
    toEntry();
    // from where it lies to where it lies: that counts its bytes
    a.mov(R2, inline + 1)
      .mov(R3, R1)
      .call("bpf_probe_read_kernel_str");
  }
  a.jump("slt", R0, 0, faults.unreadable);
}

/** r2 = bytes of the copy from `offset` on, at most `most`. Clobbers r1. */
function loadRest(
  c: Context,
  copy: NonNullable<Struct["copy"]>,
  offset: number,
  most: number,
  missing: string,
): void {
  const { a } = c;
  const bounded = a.newLabel("rest_bounded");
  loadLength(c, copy);
  a.jump("le", R1, offset, missing).mov(R2, R1).sub(R2, offset);
  a.jump("le", R2, most, bounded).mov(R2, most).label(bounded);
}
