/**
 * The same code that decides in `enter` and `exit`, fed from a map instead of a live call, so that it can be run
 * by BPF_PROG_TEST_RUN against the evaluator. User memory is that of the process that runs the test.
 *
 * Input (the only entry of the array map `sct_input`): u32 nr, u32 abi (0: the native one), then the fixed part of
 * a record. The result has two bits per rule, from bit 0: matched, matched because it was unreadable.
 */

import { type Assembled, Assembler, R0, R1, R2, R3, R4, R6, R7, R9 } from "../bpf/asm/index.ts";
import { RECORD_HEADER_SIZE } from "../events/layout.ts";
import type { CheckedRule } from "../language/checked/index.ts";
import { compatTest } from "../linux/index.ts";
import type { CompileOptions } from "./compile.ts";
import { forgetAncestors } from "./emit/ancestors.ts";
import { emitDispatch } from "./emit/dispatch.ts";
import { ALL_GROUPS } from "./emit/fields.ts";
import { type EmitVerdict, emitRules } from "./emit/rules.ts";
import { readStrings } from "./emit/strings.ts";
import { AncestorTable } from "./layout/ancestors.ts";
import { areaSize } from "./layout/area.ts";
import type { CompiledMap } from "./layout/compiled-map.ts";
import { CountLayout } from "./layout/counts.ts";
import { GROUPS_FROM, GroupTable, RowOffset } from "./layout/groups.ts";
import { IdentityTable } from "./layout/identities.ts";
import { MapName } from "./layout/map-names.ts";
import { mapsFor } from "./layout/maps.ts";
import { namesFiles } from "./layout/needs.ts";
import { OtherNames } from "./layout/other-names.ts";
import { DfaTable } from "./layout/tables.ts";
import type { Block } from "./plan/block.ts";
import { enforcePlan } from "./plan/enforce.ts";
import { planRules } from "./plan/plan.ts";
import { areaStart, emitCallbacks, makeContext, type ProgramInput } from "./programs/context.ts";

/** Bytes before the record fields in the input. */
export const INPUT_HEADER_SIZE = 8;
/** Result when the kernel had no memory for the thread just then: nothing was decided. */
export const NO_AREA = -1;
export const INPUT_SIZE = INPUT_HEADER_SIZE + RECORD_HEADER_SIZE;

export function compileForTest(
  rules: readonly CheckedRule[],
  options: CompileOptions,
): { readonly code: Assembled; readonly maps: readonly CompiledMap[] } {
  // it reports nothing to look for a directory of
  const { blocks } = enforcePlan(planRules(rules, { caller: false, directories: false }), {
    ...options.machine,
    canLoop: false,
  });
  const tables = new DfaTable();
  const input = {
    blocks,
    tables,
    identities: new IdentityTable(),
    otherNames: new OtherNames(),
    groups: new GroupTable(),
    groupsFrom: options.groupsFrom ?? GROUPS_FROM,
    ruleCount: rules.length,
    ancestors: new AncestorTable(),
    facts: options.machine.facts,
    generation: 1,
    seed: options.seed,
    firstSite: 0,
    walksPaths: blocks.some(namesFiles),
    counts: new CountLayout(rules),
    createsAreas: true,
    losesAreas: false,
    hookArgument: () => 0,
    keepsLookups: false,
  };
  finalProgram(input);
  const code = finalProgram(input);
  const maps = mapsFor(blocks, rules, input, options.ringBytes).filter(
    ({ name }) => name !== MapName.areas,
  );
  return {
    code,
    maps: [
      ...maps,
      // one area for all, large enough for whatever the rules need
      {
        name: MapName.areas,
        type: "task_storage",
        valueSize: areaSize(12, 6, input.walksPaths, input.counts.room),
      },
      { name: MapName.input, type: "array", valueSize: INPUT_SIZE, maxEntries: 1 },
    ],
  };
}

function finalProgram(input: ProgramInput): Assembled {
  const a = new Assembler("sct_final");
  a.mov(R6, 0).call("bpf_get_current_task_btf").mov(R7, R0);
  a.loadMap(R1, MapName.areas).mov(R2, R7).mov(R3, 0).mov(R4, 1).call("bpf_task_storage_get");
  a.jump("ne", R0, 0, "there").mov(R0, NO_AREA).exit();
  a.label("there").mov(R9, R0).add(R9, areaStart(input));
  a.loadMapValue(R1, MapName.input);
  for (let at = 0; at < RECORD_HEADER_SIZE; at += 8)
    a.load("u64", R2, R1, INPUT_HEADER_SIZE + at).store("u64", R9, at, R2);
  a.load("u32", R2, R1, 0).load("u32", R3, R1, 4).jump("eq", R3, 0, "native");
  dispatch(a, input, compatTest.set);
  a.label("native");
  dispatch(a, input, compatTest.clear);
  for (const block of input.blocks) emitFinalBlock(a, input, block);
  a.label("ignore").mov(R0, R6).exit();
  emitCallbacks(a, input);
  return a.assemble({ tidy: true });
}

function dispatch(a: Assembler, input: ProgramInput, abi: string): void {
  const cases = input.blocks
    .filter((block) => block.abi === abi)
    .map((block) => ({ value: block.nr, label: `block.${block.id}` }));
  emitDispatch(a, R2, cases, "ignore");
}

function emitFinalBlock(a: Assembler, input: ProgramInput, block: Block): void {
  const name = `block.${block.id}`;
  const c = makeContext(input, { a, block, stage: "final", hasArea: true });
  for (const group of ALL_GROUPS) c.filled.add(group);
  a.label(name);
  readStrings(c);
  forgetAncestors(c);
  const verdict: EmitVerdict = (planned, isUnreadable) => {
    if (planned === "row") {
      a.load("u32", R1, R0, RowOffset.rule).lsh(R1, 1);
      a.mov(R2, isUnreadable ? 3 : 1).alu("lsh", R2, R1);
      a.or(R6, R2);
      return;
    }
    a.or(R6, 1 << (planned.ruleIndex * 2));
    if (isUnreadable) a.or(R6, 2 << (planned.ruleIndex * 2));
  };
  const after = `${name}.after`;
  emitRules(c, block.before, name, after, undefined, verdict);
  a.label(after);
  emitRules({ ...c, isAfter: true }, block.after, after, "ignore", undefined, verdict);
  a.goto("ignore");
}
