/**
 * Members of structs, from the memory of the caller. What cannot be read yet is put off like text (see strings.ts): the
 * address of a struct is kept in the record, so that it can be read again in a hook or when the call returns.
 */
import { R0, R1, R2, R3, R10, type Register } from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE } from "../../events/layout.ts";
import type { Presentation, StructField } from "../../language/vocabulary.ts";
import { wordSize } from "../../linux/index.ts";
import { STRING_READ_SIZE } from "../layout/area.ts";
import type { TextField } from "../plan/block.ts";
import { type FieldPlace, fieldPlace, inlineSize } from "../plan/struct-field.ts";
import type { Context, Faults } from "./context.ts";
import type { Place } from "./place.ts";
import { extend, loadSource, SIZE_OF } from "./values.ts";

/** Faults, and where a struct that is not given leads: nothing can make that readable. */
export interface PointerFaults extends Faults {
  readonly isNull?: string;
}

/**
 * r0 = address of the struct; gives the member, or undefined where the code behind is never reached. Clobbers r0 … r5. The
 * evaluator asks for the address first, then whether the struct has such a member (readField in language/read-value.ts).
 */
export function loadStruct(
  c: Context,
  { pointer, field }: FieldPlace,
  faults: PointerFaults,
): StructField | undefined {
  const { a } = c;
  if (pointer.kind === "absent") {
    a.goto(faults.missing);
    return undefined;
  }
  // an operation of io_uring has no registers that lead anywhere
  if (c.isRing || pointer.kind === "unknown") {
    a.goto(faults.unreadable);
    return undefined;
  }
  loadSource(c, pointer, faults.unreadable);
  narrow(c, R0);
  a.jump("eq", R0, 0, faults.isNull ?? faults.unreadable);
  if (field === undefined) a.goto(faults.missing);
  return field;
}

/** Address of a part of the struct in r0 to r3. */
function addressOf(c: Context, offset: number): void {
  c.a.mov(R3, R0);
  if (offset === 0) return;
  c.a.add(R3, offset);
  narrow(c, R3);
}

/** An address of a 32-bit program ends at 4 GiB. */
function narrow(c: Context, register: Register): void {
  if (wordSize(c.block.abi) === 4) c.a.mov32(register, register);
}

/** `size` bytes of the struct in r0 to the stack at `to`. */
export function readPart(
  c: Context,
  { offset, size, to }: { readonly offset: number; readonly size: number; readonly to: number },
  unreadable: string,
): void {
  addressOf(c, offset);
  c.a.mov(R1, R10).add(R1, to).mov(R2, size);
  c.a.call("bpf_probe_read_user").jump("ne", R0, 0, unreadable);
}

/** r0 = the number that the member is. */
export function emitField(
  c: Context,
  p: Presentation,
  { index, field: name }: { readonly index: number; readonly field: string },
  faults: PointerFaults,
): void {
  const { a } = c;
  const field = loadStruct(c, fieldPlace(p, index, name), faults);
  if (field === undefined) {
    // keeps the code behind well-formed; the verifier never sees it as reachable
    a.mov(R0, 0);
    return;
  }
  const { offset, type, bigEndian } = field;
  const { size } = type;
  c.stack.with(1, (to) => {
    readPart(c, { offset, size, to }, faults.unreadable);
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
  place: () => Place,
  faults: PointerFaults,
): void {
  const { a } = c;
  const field = loadStruct(c, source, faults);
  if (field === undefined) {
    a.mov(R0, 0);
    return;
  }
  const { offset, type } = field;
  const toEntry = (): void => {
    const at = place();
    a.mov(R1, at.base).add(R1, at.offset + TAIL_ENTRY_HEADER_SIZE);
  };
  const inline = inlineSize(type);
  if (inline === undefined) {
    c.stack.with(1, (to) => {
      readPart(c, { offset, size: type.size, to }, faults.unreadable);
      a.load(SIZE_OF[type.size], R3, R10, to).jump("eq", R3, 0, faults.missing);
    });
    toEntry();
    a.mov(R2, STRING_READ_SIZE).call("bpf_probe_read_user_str");
  } else {
    addressOf(c, offset);
    toEntry();
    a.mov(R2, inline).call("bpf_probe_read_user").jump("ne", R0, 0, faults.unreadable);
    toEntry();
    // from where it lies to where it lies: that counts its bytes
    a.store("u8", R1, inline, 0)
      .mov(R2, inline + 1)
      .mov(R3, R1);
    a.call("bpf_probe_read_kernel_str");
  }
  a.jump("slt", R0, 0, faults.unreadable);
}
