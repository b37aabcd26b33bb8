/** The article's rule that keeps root from deleting /etc/passwd, word by word, for every process of the guest. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import {
  assertEvents,
  type Finished,
  run,
  type Watched,
  watch,
  workplace,
} from "../kernel/watching.ts";
import { needsGuest } from "./guest.ts";

after(assertNoObjects);

const PREVENT_DELETE = `rule {
  syscall_name = unlink
  rule_name = prevent_delete
  filter_expression { PARAMS[1]=="/etc/passwd" && UID == 0 }
  action {
    type = FAIL
    error_code = -1
  }
  when = before
}
`;
const UNLINK_RULE = `rule {
  syscall_name = unlink
  rule_name = unlink_rule1
  action {
    type = LOG
    log_format {%comm : %params delete by %euid --> %suid}
  }
}
`;
const NOBODY = 65534;

/** As a user would: `rm` in a shell, its words on standard error. */
function sh(script: string, uid = 0): Promise<Finished> {
  return run(["/bin/sh", "-c", `${script} 2>&1`], { uid });
}

async function watchDeleting(rules: string): Promise<{
  watched: Watched;
  passwd: Finished;
  other: Finished;
  nobody: Finished;
  isThere: boolean;
}> {
  const text = readFileSync("/etc/passwd");
  const { directory } = workplace();
  chmodSync(directory, 0o777);
  const file = join(directory, "file");
  writeFileSync(file, "");
  const runs: Finished[] = [];
  let isThere = false;
  const watched = await watch(rules, async () => {
    runs.push(await sh("rm -f /etc/passwd"));
    isThere = existsSync("/etc/passwd") && readFileSync("/etc/passwd").equals(text);
    if (!isThere) writeFileSync("/etc/passwd", text);
    runs.push(await sh(`rm -f ${file}`));
    runs.push(await sh("rm -f /etc/passwd", NOBODY));
  });
  assert.equal(existsSync(file), false);
  assert.ok(existsSync("/etc/passwd"));
  const [passwd, other, nobody] = runs as [Finished, Finished, Finished];
  return { watched, passwd, other, nobody, isThere };
}

const SAID = "rm: cannot remove '/etc/passwd': Operation not permitted\n";

test("prevent_delete keeps /etc/passwd and says who tried; other files and users are as before", async (t) => {
  if (!needsGuest(t)) return;
  const { watched, passwd, other, nobody, isThere } = await watchDeleting(PREVENT_DELETE);
  assert.deepEqual([passwd.output, passwd.code], [SAID, 1]);
  assert.ok(isThere);
  assert.deepEqual([other.output, other.code], ["", 0]);
  // nobody may not write to /etc: that is the kernel's own answer
  assert.match(nobody.output, /Permission denied/);
  const [rule] = watched.counters.rules;
  assert.deepEqual([rule?.matched, rule?.delivered], [1, 1]);
  // no line, since the rule says nothing of LOG
  assert.deepEqual(watched.lines, []);
  assertEvents(watched.events, [
    {
      rule: "prevent_delete",
      actions: ["FAIL"],
      syscall: "unlinkat",
      values: ["/etc/passwd"],
      uid: 0,
      comm: "rm",
      flags: (flags: readonly string[]) => flags.includes("call-skipped"),
      message: null,
    },
  ]);
  assert.deepEqual(watched.notices, []);
});

test("prevent_delete before the unlink rule: denied, and no line of it", async (t) => {
  if (!needsGuest(t)) return;
  const { watched, passwd, isThere } = await watchDeleting(PREVENT_DELETE + UNLINK_RULE);
  assert.equal(passwd.output, SAID);
  assert.ok(isThere);
  const ours = watched.lines.filter((line) => line.includes('"/etc/passwd"'));
  assert.deepEqual(ours, [`"rm" : "/etc/passwd" delete by ${NOBODY} --> ${NOBODY}`]);
});

test("prevent_delete behind the unlink rule: a line, and the file is gone", async (t) => {
  if (!needsGuest(t)) return;
  const { watched, passwd, isThere } = await watchDeleting(UNLINK_RULE + PREVENT_DELETE);
  assert.deepEqual([passwd.output, passwd.code], ["", 0]);
  assert.equal(isThere, false);
  assert.ok(watched.lines.includes('"rm" : "/etc/passwd" delete by 0 --> 0'));
  assert.equal(watched.counters.rules[1]?.matched, 0);
});
