/** Which programs a rule set needs, and where each attaches. */

import { hookFunction } from "../../linux/index.ts";
import { keepsLookups, needsExit } from "../layout/needs.ts";
import type { Machine } from "../machine.ts";
import type { Block } from "../plan/block.ts";
import type { Attachment, CompiledProgram } from "./attachment.ts";
import type { ProgramInput } from "./context.ts";
import { enterProgram } from "./enter.ts";
import { execProgram } from "./exec.ts";
import { exitProgram } from "./exit.ts";
import { faultInProgram, readsMemory } from "./fault-in.ts";
import { hookProgram } from "./hook.ts";
import { lookupProgram } from "./lookup.ts";

/**
 * More functions than this are watched through the tracepoints instead: each attachment takes the kernel
 * milliseconds, and a rule set that names so many calls pays at most of them anyway.
 */
export const MAX_FUNCTIONS = 64;

/** In the order of attachment: nothing that an entry relies on is missing when it begins to run. */
export function makePrograms(input: ProgramInput, machine: Machine): CompiledProgram[] {
  const { tracepoint, functions } = groupBlocks(input.blocks, machine);
  const exits: CompiledProgram[] = [];
  const entries: CompiledProgram[] = [];
  const helpers: CompiledProgram[] = [];
  const add = (blocks: readonly Block[], enter: Attachment, exit: Attachment): void => {
    const own = { ...input, blocks };
    const code = exitProgram(own, exit);
    if (code !== undefined) exits.push({ attachment: exit, code, rules: rulesOf(blocks) });
    const rules = rulesOf(blocks);
    entries.push({ attachment: enter, code: enterProgram(own, enter), rules });
  };
  for (const { blocks, function: name, via } of functions) {
    const overrides = blocks.some((block) => block.enforcement?.modify === true);
    // a decision must not be lost to another run's preemption
    const acts = blocks.some((block) => block.enforcement !== undefined);
    // kprobes come before all trampolines, too early for text to be brought in; without preemption neither is skipped
    const waitsForText = via === "trampoline" && machine.canSleep && readsMemory(blocks);
    const probes =
      via === "kprobe" ||
      (acts &&
        machine.canProbe &&
        (!overrides || machine.canOverrideReturn) &&
        (!waitsForText || machine.isPreemptive));
    const { abi } = blocks[0] as Block;
    if (waitsForText && !probes)
      helpers.push({
        attachment: { kind: "fentry", function: name, sleeps: true },
        code: faultInProgram({ ...input, blocks }, abi),
        rules: [],
      });
    // a trampoline that waits for the end of the function would run it, whatever a kprobe decided
    const probesEnd = via === "kprobe" || (probes && overrides);
    add(
      blocks,
      probes
        ? { kind: "kprobe", function: name, overrides }
        : { kind: overrides ? "fmod_ret" : "fentry", function: name },
      probesEnd
        ? { kind: "kretprobe", function: name, overrides: false }
        : { kind: "fexit", function: name },
    );
  }
  if (tracepoint.length > 0) {
    add(
      tracepoint,
      { kind: "raw_tracepoint", name: "sys_enter" },
      { kind: "raw_tracepoint", name: "sys_exit" },
    );
  }
  const programs: CompiledProgram[] = [];
  const exec = execProgram(input);
  if (exec !== undefined) {
    programs.push({
      attachment: { kind: "raw_tracepoint", name: "sched_process_exec" },
      code: exec,
      rules: rulesOf(input.blocks.filter(({ isExec }) => isExec)),
    });
  }
  const lookups = lookupPrograms(input, machine);
  // of the trampoline programs at a function's entry, the one attached last runs first
  return [
    ...programs,
    ...hookPrograms(input, machine),
    ...lookups,
    ...exits,
    ...entries,
    ...helpers,
  ];
}

function lookupPrograms(input: ProgramInput, { lookup }: Machine): CompiledProgram[] {
  if (lookup === undefined || !input.keepsLookups) return [];
  return [
    {
      attachment: { kind: "fexit", function: lookup.name },
      code: lookupProgram(input, lookup),
      rules: rulesOf(input.blocks.filter(keepsLookups)),
    },
  ];
}

function hookPrograms(input: ProgramInput, machine: Machine): CompiledProgram[] {
  const { hookKind } = machine;
  if (hookKind === undefined) return [];
  const hooks = new Set(input.blocks.flatMap((block) => [...block.hooks, ...block.ringHooks]));
  return [...hooks].map((hook) => {
    const blocks = input.blocks.filter((block) => block.hooks.includes(hook));
    const ringOnly = input.blocks.filter((block) => block.ringHooks.includes(hook));
    return {
      attachment: {
        kind: hookKind === "lsm" ? "lsm" : "hook",
        function: hookFunction(hook, hookKind),
      },
      code: hookProgram({ ...input, blocks }, hook, ringOnly),
      rules: rulesOf([...blocks, ...ringOnly]),
    };
  });
}

function rulesOf(blocks: readonly Block[]): readonly number[] {
  const indexes = blocks.flatMap(({ before, after }) =>
    [...before, ...after].map(({ ruleIndex }) => ruleIndex),
  );
  return [...new Set(indexes)].sort((x, y) => x - y);
}

/**
 * What hooks carry out must be decided: a preemptive kernel skips kprobes while a bpf(2) call that changes a map is
 * interrupted on that processor (bpf_prog_active), and trampolines while another run is; tracepoints never.
 */
function decidesForHooks({ enforcement }: Block, { isPreemptive }: Machine): boolean {
  return isPreemptive && enforcement?.modify === false;
}

interface FunctionGroup {
  readonly function: string;
  readonly via: "trampoline" | "kprobe";
  readonly blocks: Block[];
}

function groupBlocks(
  blocks: readonly Block[],
  machine: Machine,
): { tracepoint: Block[]; functions: FunctionGroup[] } {
  const tracepoint: Block[] = [];
  const functions = new Map<string, FunctionGroup>();
  for (const block of blocks) {
    const entry = machine.entryFunction(block.abi, block.call);
    // the function of exit never returns: nothing can be attached to its end
    const cannotReturn = needsExit(block) && /^exit(_group)?$/.test(block.call);
    if (entry === undefined || cannotReturn || decidesForHooks(block, machine)) {
      tracepoint.push(block);
      continue;
    }
    const group = functions.get(entry.name) ?? {
      function: entry.name,
      via: entry.via,
      blocks: [],
    };
    group.blocks.push(block);
    functions.set(entry.name, group);
  }
  if (functions.size <= MAX_FUNCTIONS) return { tracepoint, functions: [...functions.values()] };
  const kept: FunctionGroup[] = [];
  for (const group of functions.values()) {
    if (group.blocks.some((block) => block.enforcement?.modify === true)) kept.push(group);
    else tracepoint.push(...group.blocks);
  }
  return { tracepoint: tracepoint.sort((x, y) => x.nr - y.nr), functions: kept };
}
