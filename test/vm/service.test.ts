/** The article's second half with the classic commands: a rule that denies, its order, and that it outlives the service. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findPaths } from "../../src/daemon/paths.ts";
import { ask } from "../../src/daemon/socket/client.ts";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { Instance } from "../service/instance.ts";
import { needsGuest } from "./guest.ts";

after(assertNoObjects);

const VICTIM = "/etc/inetd.conf";
const PREVENT_DELETE = `rule {
  syscall_name = unlink
  rule_name = prevent_delete
  filter_expression {PARAMS[1]=="${VICTIM}" && UID == 0}
  action {
    type = FAIL
    error_code = -1
  }
  when = before
}
`;
const SWAPS = Number(process.env["SCT_SWAPS"] ?? 10);
const DELETING = fileURLToPath(new URL("../programs/deleting.py", import.meta.url));
const UNLINK = `rule
{
  syscall_name = unlink
  rule_name = unlink_rule1
  action {
    type = LOG
    log_format {%comm : %params delete by %euid --> %suid}
  }
}
`;

/** Waits until the line is there; it must be there once. */
async function waitForLine(read: () => Promise<readonly string[]>, line: string): Promise<void> {
  for (let attempt = 0; attempt < 30; attempt++) {
    const found = (await read()).filter((text) => text === line).length;
    assert.ok(found <= 1, `${found} times ${line}`);
    if (found === 1) return;
  }
  assert.fail(`no ${line}`);
}

test("sct_load, upload of rules that deny, order, kill, delete, unload", async (t) => {
  if (!needsGuest(t)) return;
  const instance = Instance.of(t);
  const prevent = instance.write("prevent.conf", PREVENT_DELETE);
  const unlink = instance.write("unlink.conf", UNLINK);
  const said = async (program: string, ...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await instance.run(program, ...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  /** What rm says, and whether the file is gone. */
  const remove = async (): Promise<[words: string, gone: boolean]> => {
    if (!existsSync(VICTIM)) writeFileSync(VICTIM, "echo stream tcp nowait root internal\n");
    const { stdout } = await instance.shell(`rm -f ${VICTIM} 2>&1`);
    return [stdout.trimEnd(), !existsSync(VICTIM)];
  };
  const denied = [`rm: cannot remove '${VICTIM}': Operation not permitted`, false];

  await said("sct_load");
  assert.deepEqual(await remove(), ["", true]);
  assert.equal(
    await said("sct_config", "upload", prevent),
    `Successfully uploaded rules from file '${prevent}'\n`,
  );
  assert.deepEqual(await remove(), denied);
  // behind it: the first rule that matches is the only one
  await said("sct_config", "upload", unlink);
  assert.deepEqual(await remove(), denied);
  // the service is not what denies
  process.kill(instance.servicePid, "SIGKILL");
  assert.deepEqual(await remove(), denied);
  await said("sct_load");
  assert.deepEqual(await remove(), denied);
  // the other way round it only logs
  await said("sct_config", "replace", unlink, prevent);
  assert.deepEqual(await remove(), ["", true]);
  // what was denied has no line, and is in the history all the same, from before the service was killed, too
  const line = `"rm" : "${VICTIM}" delete by 0 --> 0`;
  await waitForLine(async () => (await said("sct", "log", "--no-time")).split("\n"), line);
  await said("sct_config", "delete", "unlink_rule1");
  assert.deepEqual(await remove(), denied);
  const tried = async () =>
    (await said("sct", "log", "--json", "--rule", "prevent_delete"))
      .split("\n")
      .filter((one) => one.startsWith("{"))
      .map((one) => JSON.parse(one));
  for (let attempt = 0; (await tried()).length < 5 && attempt < 30; attempt++);
  const found = await tried();
  assert.equal(found.length, 5);
  for (const { actions, comm, uid, params, flags, message } of found) {
    assert.deepEqual([actions, comm, uid, message], [["FAIL"], "rm", 0, null]);
    assert.equal(params[0].value, VICTIM);
    assert.ok(flags.includes("call-skipped"));
  }

  // who tries all the time finds no gap between one rule set and the next
  const probe = spawn("/usr/bin/python3", [DELETING, VICTIM, "0"], { stdio: "pipe" });
  const tries = text(probe.stdout);
  for (let i = 0; i < SWAPS; i++) {
    const source = PREVENT_DELETE.replace("prevent_delete", `prevent${i}`);
    const files = [{ name: "swap.conf", text: source }];
    const answer = await ask(findPaths(instance.directory), "replace", { files, includes: [] });
    assert.ok(answer.ok, JSON.stringify(answer));
  }
  probe.stdin.end();
  const [denials = 0, passed] = (await tries).split(" ").map(Number);
  assert.equal(passed, 0, `${passed} of ${denials} got through`);
  assert.ok(denials > SWAPS, `${denials} tries`);
  t.diagnostic(`${SWAPS} swaps, ${denials} tries denied`);

  await said("sct_unload");
  assert.deepEqual(await remove(), ["", true]);
});
