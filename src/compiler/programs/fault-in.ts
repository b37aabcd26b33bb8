/**
 * A program that does nothing but have the text and structs of a call brought into memory, before the program that evaluates
 * rules reads them: text in a page that was never touched, a constant of a program that just started. It may wait
 * (sleepable, see bpf_copy_from_user in bpf-helpers(7)). The evaluation must not: the kernel skips a program while
 * another run of it on the same processor waits. When this one is skipped nothing is lost, the text is only late.
 */
import { PAGE_SIZE } from "../../base/linux-abi.ts";
import {
  type Assembled,
  Assembler,
  R0,
  R1,
  R2,
  R3,
  R4,
  R6,
  R7,
  R8,
  R10,
} from "../../bpf/asm/index.ts";
import { MAX_STRING } from "../../language/checked/index.ts";
import type { Abi, StructField } from "../../language/vocabulary.ts";
import { archOf } from "../../linux/index.ts";
import type { Block, FieldPlace } from "../plan/block.ts";
import { inlineSize, readPlaces } from "../plan/struct-field.ts";
import type { ProgramInput } from "./context.ts";

/** Text of this many bytes is brought in whole where a page ends within it; what is longer may be late. */
const ACROSS = 256;

/** Whether rules look at what registers point to. */
export function readsMemory(blocks: readonly Block[]): boolean {
  return textArguments(blocks).length > 0 || structArguments(blocks).size > 0;
}

/** Registers that hold the addresses of structs, with the bytes of each that rules look at before the call. */
function structArguments(blocks: readonly Block[]): ReadonlyMap<number, number> {
  const sizes = new Map<number, number>();
  for (const { pointer, field } of placesOf(blocks)) {
    if (pointer.kind !== "arg" || field === undefined) continue;
    const { behind } = field;
    const end = behind === undefined ? endOf(field) : behind.offset + behind.size;
    sizes.set(pointer.index, Math.max(sizes.get(pointer.index) ?? 0, end));
  }
  return sizes;
}

/** A pointer in a struct that a register leads to. */
interface Behind {
  readonly argument: number;
  readonly offset: number;
  /** Bytes behind it that rules look at. */
  readonly size: number;
}

/** Each once. */
function pointersInStructs(blocks: readonly Block[]): Behind[] {
  const found = new Map<string, Behind>();
  for (const { pointer, field } of placesOf(blocks)) {
    if (pointer.kind !== "arg" || field?.behind === undefined) continue;
    const { offset } = field.behind;
    const key = `${pointer.index} ${offset}`;
    const size = Math.max(found.get(key)?.size ?? 0, endOf(field));
    found.set(key, { argument: pointer.index, offset, size });
  }
  return [...found.values()];
}

/** What rules look at before the call, whatever its command. */
function placesOf(blocks: readonly Block[]): FieldPlace[] {
  const places: FieldPlace[] = [];
  for (const first of blocks.flatMap((block) => readPlaces(block.before)))
    for (let at: FieldPlace | undefined = first; at; at = at.otherwise) places.push(at);
  return places;
}

function endOf({ offset, type }: StructField): number {
  return offset + (inlineSize(type) ?? type.size);
}

/** Registers that hold the addresses of buffers, and those that say how long they are. */
function bufferArguments(blocks: readonly Block[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const { source } of blocks.flatMap(({ strings }) => strings)) {
    if (source.kind !== "buffer" || source.isFilled) continue;
    const { pointer, length } = source;
    if (pointer.source.kind === "arg" && length?.source.kind === "arg")
      found.set(pointer.source.index, length.source.index);
  }
  return found;
}

/** Registers that hold the addresses of texts, as argument indexes; all blocks of one function share their meaning. */
function textArguments(blocks: readonly Block[]): number[] {
  const indexes = blocks.flatMap(({ strings }) =>
    strings.flatMap(({ source }) => {
      const from = source.kind === "buffer" && !source.isFilled ? source.pointer.source : source;
      return from.kind === "arg" ? [from.index] : [];
    }),
  );
  return [...new Set(indexes)].sort((x, y) => x - y);
}

/** For an fentry attachment (regs). */
export function faultInProgram(input: ProgramInput, abi: Abi): Assembled {
  const a = new Assembler("sct_fault_in");
  a.load("u64", R8, R1, 0);
  const { argumentRegisters, wordSize } = archOf(abi);
  for (const index of textArguments(input.blocks)) {
    const register = argumentRegisters[index];
    if (register === undefined) continue;
    const done = a.newLabel("in_memory");
    a.load("u64", R6, R8, input.facts.regs[register]);
    if (wordSize === 4) a.mov32(R6, R6);
    a.jump("eq", R6, 0, done);
    emitTouch(a);
    a.mov(R7, R6)
      .or(R7, PAGE_SIZE - 1)
      .add(R7, 1);
    a.mov(R4, R7).sub(R4, R6).jump("ge", R4, ACROSS, done);
    a.comment("does the text end in this page?");
    a.mov(R1, R10).add(R1, -ACROSS).mov(R2, ACROSS).mov(R3, R6);
    a.call("bpf_probe_read_user_str").jump("sge", R0, 0, done);
    a.mov(R6, R7);
    emitTouch(a);
    a.label(done);
  }
  for (const [index, size] of structArguments(input.blocks)) {
    const register = argumentRegisters[index];
    if (register === undefined) continue;
    const done = a.newLabel("struct_in_memory");
    a.load("u64", R6, R8, input.facts.regs[register]);
    if (wordSize === 4) a.mov32(R6, R6);
    a.jump("eq", R6, 0, done);
    emitTouch(a);
    // it is smaller than a page
    a.add(R6, size - 1);
    emitTouch(a);
    a.label(done);
  }
  for (const { argument, offset, size } of pointersInStructs(input.blocks)) {
    const register = argumentRegisters[argument];
    if (register === undefined) continue;
    const done = a.newLabel("behind_in_memory");
    a.load("u64", R3, R8, input.facts.regs[register]).add(R3, offset);
    if (wordSize === 4) a.mov32(R3, R3);
    a.store("u64", R10, -8, 0).mov(R1, R10).add(R1, -8).mov(R2, wordSize);
    a.call("bpf_probe_read_user").load("u64", R6, R10, -8).jump("eq", R6, 0, done);
    emitTouch(a);
    a.add(R6, size - 1);
    emitTouch(a);
    a.label(done);
  }
  for (const [index, length] of bufferArguments(input.blocks)) {
    const [register, count] = [argumentRegisters[index], argumentRegisters[length]];
    if (register === undefined || count === undefined) continue;
    const done = a.newLabel("buffer_in_memory");
    const most = a.newLabel("buffer_end");
    a.load("u64", R6, R8, input.facts.regs[register]);
    a.load("u64", R1, R8, input.facts.regs[count]);
    if (wordSize === 4) a.mov32(R6, R6).mov32(R1, R1);
    a.jump("eq", R1, 0, done).jump("le", R1, MAX_STRING, most).mov(R1, MAX_STRING);
    // the last of the bytes that are looked at: they lie in two pages at most
    a.label(most).add(R6, R1).sub(R6, 1);
    emitTouch(a);
    a.label(done);
  }
  return a.return(0).assemble({ tidy: true });
}

/** Reads one byte at the address in r6, whatever comes of it. */
function emitTouch(a: Assembler): void {
  a.store("u64", R10, -8, 0).mov(R1, R10).add(R1, -8).mov(R2, 1).mov(R3, R6);
  a.call("bpf_copy_from_user");
}
