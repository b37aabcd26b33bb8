import assert from "node:assert/strict";
import { test } from "node:test";
import { disassemble } from "../../bpf/asm/index.ts";
import { compileRules } from "../compile.ts";
import { MACHINES } from "../testing/machines.ts";
import { checked } from "../testing/rules.ts";

/** How many checkpoints the program at the entry of calls has, for rules on one call whose texts may be read late. */
function checkpoints(count: number): number {
  const rule = (i: number): string =>
    `rule { syscall_name = swapoff syscall_match = exact filter_expression { PARAMS[1] == "/${i}" } action { type = LOG } }`;
  const rules = checked(Array.from({ length: count }, (_, i) => rule(i)).join("\n"));
  const machine = MACHINES.tracepoints;
  const result = compileRules(rules, { machine, ringBytes: 4096, groupsFrom: count + 1 });
  assert.ok(result.ok);
  const enter = result.compiled.programs.find(({ code }) => code.name === "sct_enter");
  assert.ok(enter);
  return disassemble(enter.code).match(/checkpoint\.\d+:/g)?.length ?? 0;
}

test("emitCheckpoint() stands where the ways of several rules meet, and nowhere for one", () => {
  const one = checkpoints(1);
  const two = checkpoints(2);
  // to the report, and to the exit of the call, for each presentation of the call
  assert.equal(one, 0);
  assert.ok(two > 0 && two % 2 === 0, `${two}`);
  assert.equal(checkpoints(20), two);
});
