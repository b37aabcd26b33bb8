/** Rules that the verifier cannot follow to their end are refused as rules: with their place, and what helps. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openKernelEngine, probeMachine } from "../../src/engines/kernel/index.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { checked, USER } from "./watching.ts";

after(assertNoObjects);

test("a rule with more branches than the verifier follows is refused with its place", () => {
  const branches = Array.from({ length: 9000 }, (_, i) => `GID == ${2 * i} && PID > ${i}`);
  const rules = checked(
    `rule { rule_name = small syscall_name = getppid filter_expression { UID == ${USER} } action { type = LOG } }
     rule { rule_name = large syscall_name = rmdir syscall_match = exact
       filter_expression { UID == ${USER} && (${branches.join(" || ")}) } action { type = LOG } }`,
  );
  const result = openKernelEngine(rules, { machine: probeMachine("tracepoints") });
  if (result.ok) {
    result.engine.close();
    assert.fail("the verifier followed all of it");
  }
  const [diagnostic] = result.diagnostics;
  assert.equal(diagnostic?.code, "too_complex_for_kernel");
  assert.match(diagnostic.message, /^The rule is too complex for this kernel/);
  assert.equal(diagnostic.span, rules[1]?.span);
  assert.match(diagnostic.hint ?? "", /in LIST/);
});
