/** Where the kernel has no memory for a thread, rules that deny cannot be evaluated: what they may mean fails. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { writeControl } from "../../src/engines/kernel/control.ts";
import { readCounters } from "../../src/engines/kernel/counters.ts";
import { probeMachine } from "../../src/engines/kernel/index.ts";
import { takeOver } from "../../src/engines/kernel/load.ts";
import { compileAndOpen } from "../../src/engines/kernel/loading/compile-and-open.ts";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { checked, run } from "../kernel/watching.ts";
import { needsGuest, place } from "./guest.ts";

after(assertNoObjects);

const GENERATION = 1;

/** Runs `body` under rules whose programs get no memory for any thread; how often each rule was missed comes back. */
async function withoutMemory(text: string, body: () => Promise<void>): Promise<readonly number[]> {
  const rules = checked(text);
  const machine = probeMachine();
  const options = { machine, ringBytes: 1 << 20, generation: GENERATION, withoutAreas: true };
  const result = compileAndOpen(rules, options, new Map());
  if (!result.ok) assert.fail(result.diagnostics.map(({ message }) => message).join("\n"));
  const { maps, programs, rulesOfPrograms, close } = takeOver(result.facts, result.objects);
  try {
    const control = maps.get("sct_control");
    assert.ok(control);
    writeControl(control, { generation: GENERATION, selfPid: process.pid, nextSite: 0 });
    await body();
    const names = rules.map(({ name }) => name);
    return readCounters(names, maps, programs, rulesOfPrograms).rules.map(({ missed }) => missed);
  } finally {
    close();
  }
}

/** What rm says of a file, and whether the file is still there. */
async function remove(name: string, uid: number): Promise<string> {
  const directory = place();
  // anybody may delete in it
  chmodSync(directory, 0o777);
  const file = join(directory, name);
  writeFileSync(file, "");
  const { output } = await run(["/bin/sh", "-c", `rm -f ${file} 2>&1`], { uid });
  return `${output.replace(/^.*: /s, "").trim()}${existsSync(file) ? "" : "gone"}`;
}

for (const [what, filter] of [
  ["text", 'PARAMS[1] == "/etc/passwd"'],
  ["a file", 'PATH[1] == "/etc/passwd"'],
] as const) {
  test(`a rule on ${what} denies what it cannot look at, where numbers and ids allow it`, async (t) => {
    if (!needsGuest(t)) return;
    const rule = `rule { rule_name = deny syscall_name = unlink
      filter_expression { ${filter} && UID == 0 } action { type = FAIL error_code = EACCES } }`;
    const missed = await withoutMemory(rule, async () => {
      for (let i = 0; i < 3; i++) {
        assert.equal(await remove("kept", 0), "Operation not permitted");
        assert.equal(await remove("other", 1234), "gone");
      }
    });
    assert.ok((missed[0] ?? 0) >= 6, `${missed}`);
  });
}

test("KILL and SUSPEND fail the call, too", async (t) => {
  if (!needsGuest(t)) return;
  for (const type of ["KILL", "SUSPEND"]) {
    const rule = `rule { syscall_name = unlink
      filter_expression { PARAMS[1] contains "secret" && UID == 0 } action { type = ${type} } }`;
    await withoutMemory(rule, async () => {
      assert.equal(await remove("kept", 0), "Operation not permitted");
      assert.equal(await remove("other", 1234), "gone");
    });
  }
});

test("rules that only look let the call pass, and count it", async (t) => {
  if (!needsGuest(t)) return;
  const rule = `rule { syscall_name = unlink filter_expression { PARAMS[1] contains "x" }
    action { type = LOG } }`;
  const missed = await withoutMemory(rule, async () => {
    assert.equal(await remove("free", 0), "gone");
  });
  assert.ok((missed[0] ?? 0) >= 1);
});
