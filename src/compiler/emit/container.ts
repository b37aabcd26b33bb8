/**
 * CONTAINER: the first 64 hexadecimal digits in a row in the path of the caller's control group, as container runtimes name groups.
 * The path is followed upwards, name by name: what is found last stands first in it. Where the unified hierarchy has no such name,
 * that of the first controller is looked at, which may be one of version 1.
 *
 * One callback does both, a byte or a name at each step. Its state lies in the scratch space of the area, behind the name and what was
 * found: of that memory the verifier knows nothing, and takes a step for all. The context of the callback is a pointer to it.
 */
import {
  type Assembler,
  R0,
  R1,
  R2,
  R3,
  R4,
  R5,
  R6,
  R7,
  R8,
  R9,
  R10,
  type Register,
} from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import type { GroupFacts, KernelFacts } from "../facts.ts";
import { scratchOffset } from "../layout/area.ts";
import type { Context } from "./context.ts";
import { followPointer, readKernel } from "./kernel-memory.ts";
import type { EntryAddress } from "./place.ts";

const STEP = "container_step";
/** NAME_MAX and the NUL. */
const NAME_SIZE = 256;
const ID_LENGTH = 64;
/** Bytes from the start of the scratch space; each of the state is a u64. */
const AT = {
  name: 0,
  id: NAME_SIZE,
  /** struct kernfs_node that comes next; 0: the path is at its end. */
  node: NAME_SIZE + ID_LENGTH,
  /** Of the other hierarchy; 0: there is none. */
  other: NAME_SIZE + ID_LENGTH + 8,
  /** In the name, and its length. */
  position: NAME_SIZE + ID_LENGTH + 16,
  length: NAME_SIZE + ID_LENGTH + 24,
  /** In a row, up to the position. */
  digits: NAME_SIZE + ID_LENGTH + 32,
  found: NAME_SIZE + ID_LENGTH + 40,
} as const;
/** More than any path has names, and names of containers have bytes. */
const MOST_STEPS = 8192;

/** Into the entry whose address `place` emits; it may use r5 alone. */
export function emitContainer(c: Context, place: () => EntryAddress): void {
  const { a } = c;
  const { groups } = c.facts;
  if (groups === undefined) throw new Error("CONTAINER is refused before code is made");
  const unreadable = a.newLabel("no_groups");
  const done = a.newLabel("container_known");
  const inside = a.newLabel("in_container");
  const setEntry = (status: number, length: number): void => {
    const at = place();
    a.loadImm(R1, (BigInt(status) << 16n) | (BigInt(length) << 32n));
    a.store("u64", at.base, at.offset, R1);
  };
  c.stack.with(2, (slot) => emitStart(c, groups, slot, unreadable));
  c.stack.with(1, (slot) => {
    a.mov(R1, R9).add(R1, scratchOffset).store("u64", R10, slot, R1);
    a.mov(R1, MOST_STEPS).loadFunction(R2, STEP).mov(R3, R10).add(R3, slot).mov(R4, 0);
    a.call("bpf_loop");
  });
  a.load("u64", R1, R9, scratchOffset + AT.node).jump("ne", R1, 0, unreadable);
  a.load("u64", R1, R9, scratchOffset + AT.found).jump("ne", R1, 0, inside);
  setEntry(TailStatus.ok, 0);
  a.goto(done).label(inside);
  setEntry(TailStatus.ok, ID_LENGTH);
  const to = place();
  for (let i = 0; i < ID_LENGTH; i += 8)
    a.load("u64", R1, R9, scratchOffset + AT.id + i).store(
      "u64",
      to.base,
      to.offset + TAIL_ENTRY_HEADER_SIZE + i,
      R1,
    );
  a.goto(done).label(unreadable);
  setEntry(TailStatus.unreadable, 0);
  a.label(done);
}

/** The state before the first step; two slots are free. */
function emitStart(c: Context, groups: GroupFacts, slot: number, unreadable: string): void {
  const { a } = c;
  const same = a.newLabel("one_hierarchy");
  const follow = (offset: number): void => followPointer(a, offset, slot, unreadable);
  const keep = (at: number): void => {
    a.store("u64", R9, scratchOffset + at, R3);
  };
  const take = (at: number): void => {
    a.load("u64", R3, R9, scratchOffset + at);
  };
  for (const at of [AT.other, AT.position, AT.length, AT.digits, AT.found])
    a.store("u64", R9, scratchOffset + at, 0);
  a.mov(R3, R7);
  follow(groups.ofTask);
  a.store("u64", R10, slot + 8, R3);
  follow(groups.unified);
  keep(AT.name);
  follow(groups.node);
  keep(AT.node);
  take(AT.name);
  follow(groups.root);
  keep(AT.id);
  a.load("u64", R3, R10, slot + 8);
  follow(groups.controllers);
  a.jump("eq", R3, 0, same);
  follow(groups.ofController);
  keep(AT.name);
  follow(groups.root);
  a.load("u64", R1, R9, scratchOffset + AT.id).jump("eq", R1, R3, same);
  take(AT.name);
  follow(groups.node);
  keep(AT.other);
  a.label(same);
}

/** The callback, to be placed behind a program that uses emitContainer. */
export function emitContainerStep(a: Assembler, { groups }: KernelFacts): void {
  if (groups === undefined) return;
  const names = {
    ...{ name: "container_name", digit: "container_digit", other: "container_other" },
    ...{ more: "container_more", short: "container_short" },
    ...{ top: "container_top", stop: "container_stop" },
  };
  const get = (register: Register, at: number): Assembler => a.load("u64", register, R7, at);
  const set = (at: number, value: Register | number): Assembler => a.store("u64", R7, at, value);
  a.function(STEP).load("u64", R7, R2, 0);
  get(R6, AT.position);
  get(R3, AT.length).jump("ge", R6, R3, names.name);
  a.mov(R4, R7)
    .mov(R1, R6)
    .and(R1, NAME_SIZE - 1)
    .add(R4, R1)
    .load("u8", R5, R4, AT.name);
  a.add(R6, 1);
  set(AT.position, R6);
  const code = (character: string): number => character.charCodeAt(0);
  a.jump("lt", R5, code("0"), names.other).jump("le", R5, code("9"), names.digit);
  a.jump("lt", R5, code("a"), names.other).jump("gt", R5, code("f"), names.other);
  a.label(names.digit);
  get(R2, AT.digits).add(R2, 1);
  set(AT.digits, R2).jump("ne", R2, ID_LENGTH, names.more);
  a.comment("the first of this name, and before any that was found below it");
  set(AT.position, R3);
  set(AT.found, 1);
  a.sub(R6, ID_LENGTH)
    .and(R6, NAME_SIZE - 1)
    .mov(R4, R7)
    .add(R4, R6);
  for (let i = 0; i < ID_LENGTH; i += 8) {
    a.load("u64", R1, R4, AT.name + i);
    set(AT.id + i, R1);
  }
  a.return(0).label(names.other);
  set(AT.digits, 0);
  a.label(names.more).return(0);

  a.label(names.name);
  get(R8, AT.node).jump("eq", R8, 0, names.top).mov(R3, R8);
  followPointer(a, groups.name, -8, names.stop);
  a.mov(R1, R7).add(R1, AT.name).mov(R2, NAME_SIZE).call("bpf_probe_read_kernel_str");
  a.jump("slt", R0, 0, names.stop).mov(R6, R0).mov(R3, R8).add(R3, groups.parent);
  readKernel(a, -8, 8, names.stop);
  a.load("u64", R1, R10, -8);
  set(AT.node, R1);
  for (const at of [AT.position, AT.digits, AT.length]) set(at, 0);
  a.comment("with its NUL; shorter ones hold no id");
  a.jump("le", R6, ID_LENGTH, names.short).sub(R6, 1);
  set(AT.length, R6).label(names.short).return(0);

  a.label(names.top);
  get(R1, AT.found).jump("ne", R1, 0, names.stop);
  get(R1, AT.other).jump("eq", R1, 0, names.stop);
  set(AT.node, R1);
  set(AT.other, 0).return(0);
  a.label(names.stop).return(1);
}
