/**
 * At sched_process_exec (task, old pid, binprm): keeps the file name, and what lists say, whose memory is gone when the call returns.
 */
import {
  type Assembled,
  Assembler,
  R0,
  R1,
  R2,
  R3,
  R6,
  R7,
  R8,
  R9,
  R10,
} from "../../bpf/asm/index.ts";
import {
  RecordFlag,
  RecordOffset,
  TAIL_ENTRY_HEADER_SIZE,
  TailStatus,
} from "../../events/layout.ts";
import type { Context } from "../emit/context.ts";
import { emitDispatch } from "../emit/dispatch.ts";
import type { EntryAddress } from "../emit/place.ts";
import { findEntry, markNext, setEntryFromCount } from "../emit/strings.ts";
import { AreaOffset, STRING_READ_SIZE } from "../layout/area.ts";
import type { Block } from "../plan/block.ts";
import { isObject } from "../plan/texts.ts";
import { emitByteSteps, findArea, makeContext, type ProgramInput } from "./context.ts";
import { recoverLists } from "./exec-lists.ts";

/** Undefined if no exec is named, or nobody looks at its name. */
export function execProgram(input: ProgramInput): Assembled | undefined {
  const blocks = input.blocks.filter(
    (block) => block.isExec && (nameIndex(block) >= 0 || hasLists(block)),
  );
  if (blocks.length === 0) return undefined;
  const a = new Assembler("sct_exec");
  a.mov(R6, R1).call("bpf_get_current_task_btf").mov(R7, R0);
  findArea(a, input, "ignore");
  a.load("u32", R1, R9, AreaOffset.pending).jump("eq", R1, 0, "ignore");
  a.load("u32", R1, R9, AreaOffset.block);
  emitDispatch(
    a,
    R1,
    blocks.map(({ id }) => ({ value: id, label: `exec.${id}` })),
    "ignore",
  );
  for (const block of blocks) {
    a.label(`exec.${block.id}`);
    const c = makeContext(input, { a, block, stage: "late", hasArea: true });
    if (hasLists(block)) recoverLists(c, (label) => emitIfScript(c, label));
    if (nameIndex(block) >= 0) emitName(c);
    else a.goto("ignore");
  }
  a.label("ignore").return(0);
  emitByteSteps(a, blocks);
  return a.assemble({ tidy: true });
}

/** Of the file name among the texts that are read early: the only parameter of an exec that is one. */
function nameIndex({ strings }: Block): number {
  return strings.findIndex(({ source }) => !isObject(source) && source.kind !== "list");
}

function hasLists({ strings }: Block): boolean {
  return strings.some(({ source }) => source.kind === "list");
}

/** Goes to the label if the file names an interpreter, which then is what is executed: it is no longer what the call named. */
function emitIfScript(c: Context, label: string): void {
  const { a } = c;
  const { filename, interp } = c.facts.binprm;
  c.stack.with(2, (slot) => {
    loadMember(c, filename, slot);
    loadMember(c, interp, slot + 8);
    a.load("u64", R1, R10, slot).jump("ne", R0, R1, label);
  });
}

function emitName(c: Context): void {
  const { a, block } = c;
  const index = nameIndex(block);
  const place = findEntry(c, index);
  a.mov(R8, place.base).add(R8, place.offset);
  const entry: EntryAddress = { base: R8, offset: 0 };
  a.load("u16", R1, R8, 2).jump("ne", R1, TailStatus.unreadable, "ignore");
  const { filename, fdpath } = c.facts.binprm;
  const name = a.newLabel("name");
  const read = a.newLabel("read");
  c.stack.with(1, (slot) => {
    if (fdpath !== undefined) {
      loadMember(c, fdpath, slot);
      a.jump("eq", R0, 0, name);
      // execveat with a directory made "/dev/fd/N/NAME", or "/dev/fd/N" of an empty name
      emitPrefixLength(c);
      a.mov(R3, R0).add(R3, R1);
      a.mov(R1, R8)
        .add(R1, TAIL_ENTRY_HEADER_SIZE - 1)
        .mov(R2, STRING_READ_SIZE);
      a.call("bpf_probe_read_kernel_str").jump("slt", R0, 0, "ignore");
      // the slash lies in the header of the entry, which is written again
      a.jump("le", R0, 1, read).sub(R0, 1).goto(read);
    }
    a.label(name);
    loadMember(c, filename, slot);
    a.mov(R3, R0).mov(R1, R8).add(R1, TAIL_ENTRY_HEADER_SIZE).mov(R2, STRING_READ_SIZE);
    a.call("bpf_probe_read_kernel_str").jump("slt", R0, 0, "ignore");
  });
  a.label(read);
  setEntryFromCount(c, () => entry, a.newLabel("whole"));
  if (index + 1 < block.strings.length) markNext(c, entry);
  a.store("u32", R9, RecordOffset.flags, RecordFlag.late).goto("ignore");
}

/** r0 = a pointer of the struct linux_binprm that the context in r6 holds. */
function loadMember(c: Context, offset: number, slot: number): void {
  const { a } = c;
  a.mov(R1, R10).add(R1, slot).mov(R2, 8).load("u64", R3, R6, 16).add(R3, offset);
  a.call("bpf_probe_read_kernel").jump("ne", R0, 0, "ignore").load("u64", R0, R10, slot);
}

/** r1 = length of `/dev/fd/N` for the descriptor that execveat was given. */
function emitPrefixLength(c: Context): void {
  const { a } = c;
  const known = a.newLabel("length_known");
  a.load("u32", R2, R9, RecordOffset.args).mov(R1, "/dev/fd/0".length);
  for (let limit = 10; limit <= 1e9; limit *= 10) a.jump("lt", R2, limit, known).add(R1, 1);
  a.label(known);
}
