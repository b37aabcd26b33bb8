/**
 * Reads texts of a list of strings (argv and envp of execve): one bpf_loop callback takes a pointer and what it points to.
 * Since Linux 5.17.
 *
 * Context of the callbacks on the caller's stack:
 *   0 next pointer | 8 size of a word | 16 where the text goes | 24 bytes there | 32 strings to skip | 40 strings to take
 *   48 what stands behind each | 56 1: unreadable
 *
 * `bytes there` counts what stands behind the last string, too.
 */
import { type Assembler, R0, R1, R2, R3, R4, R6, R7, R8, R10 } from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import { MAX_STRING } from "../../language/checked/index.ts";
import { wordSize } from "../../linux/index.ts";
import { STRING_READ_SIZE } from "../layout/area.ts";
import type { Block, ListSource } from "../plan/block.ts";
import type { Context } from "./context.ts";
import { type EntryAddress, setEntryStatus } from "./place.ts";
import { forgetLeast, obscureZero } from "./unknown-number.ts";
import { loadSource } from "./values.ts";

const STEP = "list_step";
const SLOTS = 8;
const AT = {
  next: 0,
  word: 8,
  to: 16,
  there: 24,
  skip: 32,
  take: 40,
  behind: 48,
  fault: 56,
} as const;
/** Each string takes a byte at least, so that this many fill a text. */
const MOST_STRINGS = MAX_STRING + 2;
/** What is searched for a variable. */
const MOST_VARIABLES = 16384;
const SPACE = 0x20;

/** Into the entry whose address `place` emits; it may use r5 alone. Goes to `unreadable` without an entry. */
export function emitList(
  c: Context,
  { pointer, part }: ListSource,
  place: () => EntryAddress,
  unreadable: string,
): void {
  const { a } = c;
  if (c.isRing || pointer.kind === "absent") {
    a.goto(unreadable);
    return;
  }
  const none = a.newLabel("null_list");
  const done = a.newLabel("list_there");
  const size = wordSize(c.block.abi);
  c.stack.with(2, (slot) => {
    loadSource(c, pointer, unreadable);
    if (size === 4) a.mov32(R0, R0);
    a.jump("eq", R0, 0, none)
      .store("u64", R10, slot, R0)
      .store("u64", R10, slot + 8, size);
    emitListAt(c, part, { address: slot, word: slot + 8 }, place, unreadable);
  });
  a.goto(done).label(none);
  setEntryStatus(c, place, TailStatus.null);
  a.label(done);
}

/** The same for a list that begins at the address in one stack slot, with words of the size in another. */
export function emitListAt(
  c: Context,
  part: ListSource["part"],
  from: { readonly address: number; readonly word: number },
  place: () => EntryAddress,
  unreadable: string,
): void {
  const { a } = c;
  const none = a.newLabel("no_text");
  const done = a.newLabel("list_read");
  c.stack.with(SLOTS, (slot) => {
    const at = place();
    a.mov(R1, at.base).add(R1, at.offset + TAIL_ENTRY_HEADER_SIZE);
    a.store("u64", R10, slot + AT.to, R1);
    a.load("u64", R1, R10, from.address).store("u64", R10, slot + AT.next, R1);
    // each of its own: what the verifier learns of a number it learns of all copies
    const store = (field: keyof typeof AT, value: number): void => {
      obscureZero(c);
      if (field === "word") a.load("u64", R2, R10, from.word).add(R1, R2);
      else a.add(R1, value);
      a.store("u64", R10, slot + AT[field], R1);
    };
    store("word", 0);
    store("there", 0);
    store("skip", part.is === "nth" ? part.n : 0);
    store("take", part.is === "nth" ? 1 : MOST_STRINGS);
    store("behind", part.is === "joined" ? SPACE : 0);
    store("fault", 0);
    const step = part.is === "value" ? valueStep(part.name) : STEP;
    const skipped = part.is === "nth" ? part.n : 0;
    const most = part.is === "value" ? MOST_VARIABLES : MOST_STRINGS + skipped;
    a.mov(R1, most).loadFunction(R2, step).mov(R3, R10).add(R3, slot).mov(R4, 0).call("bpf_loop");
    // with more than that nobody knows whether the variable is there
    if (part.is === "value") a.jump("ge", R0, most, unreadable);
    a.load("u64", R1, R10, slot + AT.fault).jump("ne", R1, 0, unreadable);
    a.load("u64", R1, R10, slot + AT.there);
  });
  const whole = a.newLabel("list_whole");
  const empty = a.newLabel("list_empty");
  if (part.is === "nth" || part.is === "value") a.jump("eq", R1, 0, none);
  // the last is followed by nothing, except where each is
  if (part.is !== "all") a.jump("eq", R1, 0, empty).sub(R1, 1).label(empty);
  a.mov(R4, 0).jump("le", R1, MAX_STRING, whole);
  a.mov(R1, MAX_STRING)
    .mov(R4, TailStatus.truncated << 16)
    .label(whole);
  a.lsh(R1, 32).or(R4, R1);
  const entry = place();
  a.store("u64", entry.base, entry.offset, R4).goto(done);
  a.label(none);
  setEntryStatus(c, place, TailStatus.null);
  a.label(done);
}

/** The callbacks, to be placed behind a program that uses lists of these calls. */
export function emitListSteps(a: Assembler, blocks: readonly Block[]): void {
  emitStep(a);
  const names = blocks.flatMap(({ strings }) =>
    strings.flatMap(({ source }) =>
      source.kind === "list" && source.part.is === "value" ? [source.part.name] : [],
    ),
  );
  for (const name of new Set(names)) emitValueStep(a, name);
}

function valueStep(name: string): string {
  return `value_step_${Buffer.from(name).toString("hex")}`;
}

/** r8 = the next pointer, which is not NULL: that goes to `ended`. r6 is the context. */
function emitNext(a: Assembler, step: string, ended: string, fault: string): void {
  const narrow = `${step}_narrow`;
  const known = `${step}_known`;
  a.function(step).mov(R6, R2).store("u64", R10, -8, 0);
  a.mov(R1, R10).add(R1, -8).load("u64", R3, R6, AT.next).load("u64", R2, R6, AT.word);
  a.mov(R4, R3).add(R4, R2).store("u64", R6, AT.next, R4);
  a.jump("eq", R2, 4, narrow).mov(R2, 8).call("bpf_probe_read_user").goto(known);
  a.label(narrow).mov(R2, 4).call("bpf_probe_read_user").label(known);
  a.jump("ne", R0, 0, fault).load("u64", R8, R10, -8).jump("eq", R8, 0, ended);
}

function emitStep(a: Assembler): void {
  const [take, counted, full] = ["list_take", "list_counted", "list_full"];
  const [fault, stop] = ["list_fault", "list_stop"];
  emitNext(a, STEP, stop, fault);
  a.load("u64", R1, R6, AT.skip).jump("eq", R1, 0, take);
  a.sub(R1, 1).store("u64", R6, AT.skip, R1).return(0);
  a.label(take).load("u64", R7, R6, AT.there).jump("gt", R7, MAX_STRING, full);
  a.load("u64", R1, R6, AT.to).add(R1, R7).mov(R2, STRING_READ_SIZE).mov(R3, R8);
  emitReadString(a, counted, fault);
  a.add(R7, R0).load("u64", R1, R6, AT.to).add(R1, R7).load("u64", R2, R6, AT.behind);
  a.store("u8", R1, -1, R2);
  forgetLeast(a, R7);
  a.store("u64", R6, AT.there, R7);
  a.load("u64", R1, R6, AT.take).sub(R1, 1).store("u64", R6, AT.take, R1);
  a.jump("eq", R1, 0, stop).return(0);
  // there is more than the text has room for
  a.label(full).store("u64", R6, AT.there, STRING_READ_SIZE).goto(stop);
  a.label(fault).store("u64", R6, AT.fault, 1).label(stop).return(1);
}

/** r0 = bytes read, the NUL counted: 1 … STRING_READ_SIZE. */
function emitReadString(a: Assembler, counted: string, fault: string): void {
  a.call("bpf_probe_read_user_str").jump("slt", R0, 0, fault);
  // an empty string gives 0 rather than 1 before Linux 6.13
  a.jump("sgt", R0, 0, counted).mov(R0, 1).label(counted);
  a.jump("gt", R0, STRING_READ_SIZE, fault);
}

/** Compares what the pointers point to with `NAME=`. */
function emitValueStep(a: Assembler, name: string): void {
  const step = valueStep(name);
  const [next, counted] = [`${step}_next`, `${step}_counted`];
  const [fault, stop] = [`${step}_fault`, `${step}_stop`];
  const wanted = Buffer.from(`${name}=`);
  emitNext(a, step, stop, fault);
  a.load("u64", R1, R6, AT.to)
    .mov(R2, wanted.length + 1)
    .mov(R3, R8);
  a.call("bpf_probe_read_user_str").jump("slt", R0, 0, fault);
  a.load("u64", R7, R6, AT.to).mov(R0, 0);
  for (let i = 0; i < wanted.length; i += 8) {
    const rest = Math.min(8, wanted.length - i);
    const word = Buffer.alloc(8);
    word.set(wanted.subarray(i, i + rest));
    a.load("u64", R3, R7, i);
    if (rest < 8) a.lsh(R3, 64 - rest * 8).rsh(R3, 64 - rest * 8);
    a.loadImm(R4, word.readBigUInt64LE()).xor(R3, R4).or(R0, R3);
  }
  a.jump("ne", R0, 0, next);
  a.mov(R1, R7).mov(R2, STRING_READ_SIZE).mov(R3, R8).add(R3, wanted.length);
  emitReadString(a, counted, fault);
  a.store("u64", R6, AT.there, R0).goto(stop);
  a.label(next).return(0);
  a.label(fault).store("u64", R6, AT.fault, 1).label(stop).return(1);
}
