/** Rules that deny calls by what they write or which arguments they give. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, USER, watch, workplace } from "../kernel/watching.ts";
import { needsGuest } from "./guest.ts";

after(assertNoObjects);

const rule = (call: string, filter: string): string =>
  `rule { syscall_name = ${call} filter_expression { UID == ${USER} && ${filter} }
     action { type = LOG } action { type = FAIL error_code = EACCES } }`;

test("a write is denied by its text, and the file stays as it was", async (t) => {
  if (!needsGuest(t)) return;
  const file = join(workplace().directory, "denied");
  const write = (text: string) => run(["/bin/sh", "-c", `echo "${text}" >> ${file}`]);
  const { events } = await watch(rule("write", 'PARAMS[2] contains "ssh-rsa"'), async () => {
    assert.equal((await write("ssh-dss AAAA")).code, 0);
    assert.notEqual((await write("key ssh-rsa AAAA")).code, 0);
  });
  assert.equal(readFileSync(file, "utf8"), "ssh-dss AAAA\n");
  assert.deepEqual(
    events.map(({ values, flags }) => [values[1], flags]),
    [["key ssh-rsa AAAA\n", ["call-skipped"]]],
  );
});

test("a program is not started with an argument, in memory or not", async (t) => {
  if (!needsGuest(t)) return;
  const program = join(workplace().directory, "untouched");
  const source = new URL("../programs/untouched-exec.c", import.meta.url).pathname;
  execFileSync("gcc", ["-O1", "-o", program, source]);
  const started = (option: string) =>
    run(["/bin/sh", "-c", `/bin/echo run ${option}`]).then(({ output }) => output);
  const { events } = await watch(rule("execve", 'ARGV[1] == "--privileged"'), async () => {
    assert.equal(await started("--privileged"), "run --privileged\n");
    const denied = await run(["/bin/sh", "-c", "/bin/echo --privileged"]);
    assert.equal(denied.output, "");
    assert.equal((await run([program, "/bin/true"])).code, 1);
  });
  assert.equal(events.length, 2);
  assert.ok(events.every(({ flags }) => flags.includes("call-skipped")));
});
