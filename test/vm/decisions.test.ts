/** Which decision on a call stands: of several rules, of rules that have been replaced, on process 1. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { ResidentEngine, SuspendedQueue } from "../../src/engines/kernel/index.ts";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { checked, run, start, watch, workplace } from "../kernel/watching.ts";
import { INJECTS_ERRORS, needsGuest, place, stateOf } from "./guest.ts";
import { ended, stopped } from "./stopped.ts";

after(assertNoObjects);

const EIO = 5;

test("what is decided before a rule that must wait for a hook stands", async (t) => {
  if (!needsGuest(t)) return;
  const file = join(place(), "kept");
  writeFileSync(file, "");
  const { events, counters } = await watch(
    `rule { rule_name = first syscall_name = unlink filter_expression { PARAMS[1] == "${file}" }
       action { type = FAIL error_code = EIO } continue = yes }
     rule { rule_name = second syscall_name = unlink filter_expression { PATH == "${file}" }
       action { type = FAIL error_code = EPERM } }`,
    async () => {
      assert.equal(
        (await run([workplace().calls64, "native", "87", `@${file}`], { uid: 0 })).code,
        EIO,
      );
    },
  );
  assert.ok(existsSync(file));
  // where the call's own function has returned the error, no hook gets to know the file
  const matched = counters.rules.map((rule) => rule.matched);
  assert.deepEqual(matched, INJECTS_ERRORS ? [1, 0] : [1, 1]);
  assert.deepEqual(
    events.map(({ rule, values }) => [rule, ...values]),
    (INJECTS_ERRORS ? ["first"] : ["first", "second"]).map((rule) => [rule, file]),
  );
});

test("a call whose rules have been replaced is judged by those in force, and cannot be made to fail", async (t) => {
  if (!needsGuest(t)) return;
  const file = join(place(), "stop");
  writeFileSync(file, "");
  const rules = (action: string): string => `rule { syscall_name = unlink rule_name = it
    filter_expression { PARAMS[1] == "${file}" } action { ${action} } }`;
  const pinDir = "/sys/fs/bpf/sct-suspended-test";
  const engine = ResidentEngine.open({ pinDir, runDir: place(), ringBytes: 1 << 20 });
  const queue = new SuspendedQueue();
  try {
    await engine.replace(checked(rules("type = SUSPEND")), "");
    const child = start([workplace().calls64, "native", "87", `@${file}`], { uid: 0 });
    const end = ended(child);
    await stopped(child);
    await engine.replace(checked(rules("type = FAIL error_code = EIO")), "");
    const pid = child.pid as number;
    assert.match((await queue.decide(pid, "fail")) ?? "", /^its rules have been replaced/);
    assert.equal(await queue.decide(pid, "resume"), undefined);
    assert.equal((await end).code, EIO);
    assert.ok(existsSync(file));
  } finally {
    queue.close();
    engine.unload();
  }
});

test("process 1 is neither stopped nor shown a number that is the kernel's own", async (t) => {
  if (!needsGuest(t)) return;
  // it waits for its children, and for those whose parents have ended: then it makes the call again
  const orphan = ["/bin/sh", "-c", "/bin/true & exec /bin/true"];
  for (const type of ["SUSPEND", "KILL"]) {
    // the guest ends when its process 1 cannot wait
    if (type === "KILL" && INJECTS_ERRORS) continue;
    const watched = await watch(
      `rule { rule_name = init syscall_name = wait4 syscall_match = exact filter_expression { PID == 1 }
        action { type = LOG } action { type = ${type} } }`,
      async (watching) => {
        while (watching.events.length === 0) await run(orphan, { uid: 0 });
        const queue = new SuspendedQueue();
        const listed = queue.list().filter(({ pid }) => pid === 1);
        queue.close();
        assert.deepEqual(listed, []);
      },
    );
    const [rule] = watched.counters.rules;
    assert.ok(rule !== undefined && rule.matched > 0);
    assert.equal(rule.missed, rule.matched, "each refused signal is counted");
    // a number instead of the wait would have it wait again at once, over and over
    if (type === "SUSPEND") assert.ok(rule.matched < 10, `${rule.matched} calls`);
    assert.deepEqual(watched.events[0]?.flags, type === "KILL" ? ["call-done"] : []);
    assert.match(stateOf(1), /[SR]/);
  }
});
