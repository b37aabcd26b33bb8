/** FAIL: the program gets the rule's errno, whichever it is, and the call has not happened. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { assertEvents, run, watch } from "../kernel/watching.ts";
import { INJECTS_ERRORS, needsGuest, place, program } from "./guest.ts";

after(assertNoObjects);

const EIO = 5;
const ENOEXEC = 8;
const ENOSPC = 28;
const EACCES = 13;
/** With the ends of what a rule may say. */
const ERRNOS = [EIO, ENOSPC, EACCES, 1, 4095];

/** A locked-down kernel refuses the module before it looks at it. */
const isLockedDown = (): boolean => {
  try {
    return /\[(integrity|confidentiality)\]/.test(
      readFileSync("/sys/kernel/security/lockdown", "latin1"),
    );
  } catch {
    return false;
  }
};
const EPERM = 1;

const CALLS = [
  ["open", "connect", "execve", "mount", "ptrace", "kill", "rename", "mkdir", "chmod"],
  ["setuid", "bpf", "socket", "unlink", "access"],
  // the other kernel knows no modules
  INJECTS_ERRORS ? [] : ["init_module"],
].flat();

/** Rules on thread names, which test/programs/effects.c takes on for just one call. */
const RULES = ERRNOS.map(
  (errno) => `rule { rule_name = fail${errno} syscall_name = ${CALLS.join(", ")}
    syscall_match = exact filter_expression { COMM == "fail${errno}" }
    action { type = FAIL error_code = ${errno} } }`,
).join("\n");

test(`FAIL of ${CALLS.length} calls gives ${ERRNOS.length} errnos unchanged and stops each`, async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const effects = program("effects");
  const outputs = new Map<string, string>();
  const { events, counters } = await watch(RULES, async () => {
    for (const call of CALLS) {
      mkdirSync(join(directory, call));
      const names = [...ERRNOS.map((errno) => `fail${errno}`), "free"].join(" ");
      const script = `cd ${directory}/${call} && exec ${effects} ${call} ${names}`;
      outputs.set(call, (await run(["/bin/sh", "-c", script], { uid: 0 })).output);
    }
  });
  const denied = ERRNOS.map((errno) => `fail${errno} ${errno} 0\n`).join("");
  for (const call of CALLS) {
    // the last one shows that nothing but the rules stopped the others
    assert.equal(
      outputs.get(call),
      `${denied}free ${call === "init_module" ? `${isLockedDown() ? EPERM : ENOEXEC} 0` : "0 1"}\n`,
      call,
    );
  }
  assert.deepEqual(
    counters.rules.map(({ matched, delivered }) => [matched, delivered]),
    ERRNOS.map(() => [CALLS.length, CALLS.length]),
  );
  for (const errno of ERRNOS) {
    const own = events.filter(({ rule }) => rule === `fail${errno}`);
    const expected = CALLS.map((syscall) => ({ syscall, actions: ["FAIL"], message: null }));
    assertEvents(own, expected);
  }
});
