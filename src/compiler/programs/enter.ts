/** Programs at the entry of calls: they find the block of the call and evaluate its `before` rules. */
import { EPERM } from "../../base/linux-abi.ts";
import { type Assembled, Assembler, R0, R1, R2, R6, R7, R8, R9, R10 } from "../../bpf/asm/index.ts";
import { compatTest } from "../../linux/index.ts";
import { deny } from "../emit/action.ts";
import { forgetAncestors } from "../emit/ancestors.ts";
import { emitCheckpoint } from "../emit/checkpoint.ts";
import type { Context } from "../emit/context.ts";
import { emitDispatch } from "../emit/dispatch.ts";
import { forgetAsked } from "../emit/due.ts";
import { ALL_GROUPS, fillFields } from "../emit/fields.ts";
import { canBeRestart, emitLeaveQueue, emitRecognise, emitUnlessRestart } from "../emit/pass.ts";
import { emitPrefilter } from "../emit/prefilter.ts";
import type { Deferral } from "../emit/report.ts";
import { emitRules } from "../emit/rules.ts";
import { readStrings } from "../emit/strings.ts";
import { AreaOffset, HookVerdict, PendingState } from "../layout/area.ts";
import { closesInHooks } from "../layout/closed.ts";
import { needsArea, needsExit } from "../layout/needs.ts";
import type { Block } from "../plan/block.ts";
import { type Family, familiesOf } from "../plan/families.ts";
import { usesFiles } from "../plan/names.ts";
import { copyArguments } from "./arguments.ts";
import type { Attachment } from "./attachment.ts";
import {
  emitCallbacks,
  makeContext,
  openRecord,
  type ProgramInput,
  VERDICT_SLOT,
} from "./context.ts";
import { emitControl } from "./control.ts";
import { keepDecision } from "./fail-closed.ts";

/** One program for all given blocks; of a function it gets those that the function serves. */
export function enterProgram(input: ProgramInput, attachment: Attachment): Assembled {
  const a = new Assembler("sct_enter");
  const decides =
    attachment.kind === "fmod_ret" || (attachment.kind === "kprobe" && attachment.overrides);
  if (decides) a.store("u64", R10, VERDICT_SLOT, 0);
  if (attachment.kind === "raw_tracepoint") findByNumber(a, input);
  else findByFunction(a, input, attachment);
  const families = attachment.kind === "raw_tracepoint" ? familiesOf(input.blocks) : undefined;
  if (families === undefined)
    for (const block of input.blocks) emitEnterBlock(a, input, block, attachment, decides);
  else for (const family of families) emitFamily(a, input, family, attachment);
  a.label("ignore");
  emitEnd(a, attachment, decides);
  emitCallbacks(a, input);
  return a.assemble({ tidy: true });
}

/** All calls of the machine come here: those that are not named must leave at once. */
function findByNumber(a: Assembler, input: ProgramInput): void {
  a.comment("number of the call: the low 32 bits decide").load("u64", R6, R1, 8).mov32(R6, R6);
  const numbers = [...new Set(input.blocks.map((block) => block.nr))].sort((x, y) => x - y);
  emitDispatch(
    a,
    R6,
    numbers.map((nr) => ({ value: nr, label: `nr.${nr}` })),
    "ignore",
  );
  for (const nr of numbers) {
    a.label(`nr.${nr}`).call("bpf_get_current_task_btf").mov(R7, R0);
    a.load("u32", R1, R7, input.facts.task.status).and(R1, compatTest.mask);
    const of = (abi: string): string =>
      input.blocks.some((b) => b.nr === nr && b.abi === abi) ? blockLabel(abi, nr) : "ignore";
    a.jump("ne", R1, 0, of(compatTest.set)).goto(of(compatTest.clear));
  }
}

/**
 * The function is the call, mostly: those without parameters are one function for both ABIs (SYSCALL_DEFINE0 of
 * arch/x86/include/asm/syscall_wrapper.h makes aliases), and one function can serve several numbers.
 */
function findByFunction(a: Assembler, input: ProgramInput, attachment: Attachment): void {
  a.mov(R6, R1).call("bpf_get_current_task_btf").mov(R7, R0);
  const [first, ...others] = input.blocks as [Block, ...Block[]];
  const isShared = attachment.kind === "kprobe";
  if (others.length === 0 && !isShared) {
    a.goto(blockLabel(first.abi, first.nr));
    return;
  }
  emitRegisters(a, attachment);
  a.load("u64", R2, R8, input.facts.regs.orig_ax).mov32(R2, R2);
  a.load("u32", R1, R7, input.facts.task.status)
    .and(R1, compatTest.mask)
    .jump("ne", R1, 0, "compat");
  for (const abi of [compatTest.clear, compatTest.set]) {
    if (abi === compatTest.set) a.label("compat");
    const cases = input.blocks
      .filter((block) => block.abi === abi)
      .map((block) => ({ value: block.nr, label: blockLabel(block.abi, block.nr) }));
    emitDispatch(a, R2, cases, "ignore");
  }
}

/** r8 = the registers of the program that makes the call. */
function emitRegisters(a: Assembler, attachment: Attachment): void {
  if (attachment.kind === "fentry" || attachment.kind === "fmod_ret") a.load("u64", R8, R6, 0);
  else a.mov(R1, R7).call("bpf_task_pt_regs").mov(R8, R0);
}

function emitEnd(a: Assembler, attachment: Attachment, decides: boolean): void {
  if (!decides) {
    a.return(0);
    return;
  }
  // 64 bits, sign-extended: a 32-bit value would reach the caller as a large positive number
  a.load("u64", R1, R10, VERDICT_SLOT).mov(R0, 0).alu("sub", R0, R1);
  if (attachment.kind === "fmod_ret") {
    a.exit();
    return;
  }
  a.jump("eq", R0, 0, "let_run").mov(R1, R6).mov(R2, R0).call("bpf_override_return");
  a.label("let_run").return(0);
}

function blockLabel(abi: string, nr: number): string {
  return `${abi}.${nr}`;
}

/** Members differ in their sites, and in the registers of their ABI. */
function emitFamily(
  a: Assembler,
  input: ProgramInput,
  { leader, members }: Family,
  attachment: Attachment,
): void {
  if (members.length === 1) {
    emitEnterBlock(a, input, leader, attachment, false);
    return;
  }
  const name = `family.${leader.id}`;
  for (const { abi, nr, firstSite } of members)
    a.label(blockLabel(abi, nr))
      .mov(R6, input.firstSite + firstSite)
      .goto(`${name}.${abi}`);
  const c = makeContext(input, {
    a,
    block: leader,
    stage: "enter",
    hasArea: needsArea(leader),
    isShared: true,
  });
  for (const abi of new Set(members.map((member) => member.abi))) {
    a.label(`${name}.${abi}`);
    emitControl(a, input, "ignore");
    emitRegisters(a, attachment);
    openRecord(c, input.keepsLookups);
    if (c.sharedSite === "area") a.store("u32", R9, AreaOffset.firstSite, R6);
    else if (c.sharedSite !== undefined) a.store("u64", R10, c.sharedSite.slot, R6);
    copyArguments({ ...c, block: { ...leader, abi } });
    a.goto(name);
  }
  a.label(name);
  emitEvaluation(c, input, name);
}

function emitEnterBlock(
  a: Assembler,
  input: ProgramInput,
  block: Block,
  attachment: Attachment,
  decides: boolean,
): void {
  const prefix = blockLabel(block.abi, block.nr);
  const c = makeContext(input, {
    a,
    block,
    stage: "enter",
    hasArea: needsArea(block),
    hasVerdict: decides,
  });
  a.label(prefix);
  emitControl(a, input, "ignore");
  emitRegisters(a, attachment);
  openRecord(c, input.keepsLookups);
  copyArguments(c);
  emitEvaluation(c, input, prefix);
}

function emitEvaluation(c: Context, input: ProgramInput, prefix: string): void {
  const { a, block } = c;
  const done = `${prefix}.done`;
  forgetAsked(c);
  emitRecognise(c);
  emitPrefilters(c);
  // beside walks over paths it costs nothing; behind them the verifier comes here on many ways, and for each load of a
  // pointer it searches all types of the kernel
  if (block.after.length > 0 || walksForCaller(block)) fillFields(c, ALL_GROUPS);
  if (c.hasArea) readStrings(c);
  forgetAncestors(c);
  const fails = `${prefix}.fails`;
  emitLeaveQueue(c, fails);
  const deferrals = new Set<number | "r1">();
  const defer: Deferral = {
    at(position) {
      deferrals.add(position);
      return `${prefix}.defer${position}`;
    },
    inR1() {
      deferrals.add("r1");
      return `${prefix}.deferr1`;
    },
  };
  emitRules(c, block.before, prefix, done, canDefer(block) ? defer : undefined);
  const keeps = input.losesAreas && closesInHooks(block);
  emitDeferrals(c, prefix, [...deferrals], done, keeps);
  if (canBeRestart(c)) {
    a.label(fails);
    deny(c, EPERM);
  }
  a.label(done);
  if (keeps) keepDecision(c);
  if (block.after.length > 0) {
    emitEntryTime(c);
    if (usesFiles(block)) emitFileRequest(c);
    a.load("u32", R1, R9, AreaOffset.pending).or(R1, PendingState.after);
    a.store("u32", R9, AreaOffset.pending, R1);
  }
  a.goto("ignore");
}

function walksForCaller({ strings }: Block): boolean {
  return strings.some(({ source }) => source.kind === "exe" || source.kind === "cwd");
}

/** A decision about the entry alone cannot wait: what cannot be read then is decided by on_unreadable. */
function canDefer(block: Block): boolean {
  if (block.enforcement?.modify === true && block.hooks.length === 0) return false;
  return needsExit(block);
}

/** What somebody decided about a suspended call holds whether or not a rule still matches. */
function emitPrefilters(c: Context): void {
  if (!canBeRestart(c)) {
    emitPrefilter(c, "ignore");
    return;
  }
  const { a } = c;
  const none = a.newLabel("none_matches");
  const evaluates = a.newLabel("evaluate");
  emitPrefilter(c, none);
  a.goto(evaluates).label(none);
  emitUnlessRestart(c, "ignore");
  a.label(evaluates);
}

/** Rules from a position on are put off: to a security hook where one decides, else to the exit. */
function emitDeferrals(
  c: Context,
  prefix: string,
  positions: readonly (number | "r1")[],
  done: string,
  keeps: boolean,
): void {
  if (positions.length === 0) return;
  const { a, block } = c;
  for (const position of positions) {
    const value = position === "r1" ? R1 : position;
    a.label(`${prefix}.defer${position}`).store("u32", R9, AreaOffset.lateRule, value);
    a.goto(`${prefix}.defer`);
  }
  a.label(`${prefix}.defer`);
  if (positions.length > 1) emitCheckpoint(c);
  const filled = new Set(c.filled);
  fillFields(c, ALL_GROUPS);
  a.store("u32", R9, AreaOffset.pending, PendingState.late);
  if (block.hooks.length > 0) {
    a.load("u32", R1, R9, AreaOffset.verdict).or(R1, HookVerdict.undecided);
    a.store("u32", R9, AreaOffset.verdict, R1);
  }
  if (block.after.length === 0) emitEntryTime(c);
  if (keeps && block.after.length === 0) keepDecision(c);
  c.filled.clear();
  for (const group of filled) c.filled.add(group);
  a.goto(block.after.length > 0 ? done : "ignore");
}

/** `after` rules want the file although no `before` rule is undecided: the hook has nothing to do but find it. */
function emitFileRequest(c: Context): void {
  const { a, block } = c;
  const asked = a.newLabel("file_asked");
  a.load("u32", R1, R9, AreaOffset.verdict).jump("ne", R1, HookVerdict.none, asked);
  a.store("u32", R9, AreaOffset.lateRule, block.before.length);
  a.store("u32", R9, AreaOffset.verdict, HookVerdict.undecided).label(asked);
}

function emitEntryTime(c: Context): void {
  c.a.call("bpf_ktime_get_boot_ns").store("u64", R9, AreaOffset.entryTime, R0);
}
