/** The examples of the article, as it prints them, under `sct run`. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logLines, testAsEach } from "./sct.ts";

const LOG_UNLINK = `rule
{
  syscall_name=unlink
  rule_name=unlink_rule1
  action
  {
    type=LOG
    log_format {%comm : %params delete by %euid --> %suid}
  }
  when=before
}`;

testAsEach("the first rule logs who deletes a file", (place) => {
  const { uid } = place.user;
  writeFileSync(join(place.directory, "dummy"), "");
  const { status, stderr } = place.under(LOG_UNLINK, ["rm", "./dummy"]);
  assert.equal(stderr, `"rm" : "./dummy" delete by ${uid} --> ${uid}\n`);
  assert.equal(status, 0);
  assert.ok(!existsSync(join(place.directory, "dummy")));
});

/** The article protects /etc/passwd from root; here it is a file and a user of the test's own. */
function preventDelete(subject: string, file: string, uid: number): string {
  return `rule
{
   syscall_name = unlink
   rule_name = prevent_delete
   filter_expression {${subject}=="${file}" && UID == ${uid}}
   action {
     type = FAIL
     error_code = -1
   }
   when = before
}`;
}

testAsEach("prevent_delete makes rm fail and leaves the file", (place) => {
  const file = join(place.directory, "passwd");
  writeFileSync(file, "x");
  const rule = preventDelete("PARAMS[1]", file, place.user.uid);
  const { status, stderr } = place.under(rule, ["rm", "-f", file]);
  assert.equal(status, 1);
  assert.match(stderr, /rm: cannot remove '.*passwd': Operation not permitted/);
  assert.ok(existsSync(file));
});

testAsEach(
  "a rule on the raw string has the hole that the article describes, PATH closes it",
  (place) => {
    const file = join(place.directory, "passwd");
    writeFileSync(file, "x");
    const command = ["sh", "-c", `cd ${place.directory} && rm -f ./passwd`];
    const { uid } = place.user;
    const closed = place.under(preventDelete("PATH", file, uid), command);
    assert.equal(closed.status, 1);
    assert.ok(existsSync(file), "PATH is the file, whatever the name for it is");
    const open = place.under(preventDelete("PARAMS[1]", file, uid), command);
    assert.equal(open.status, 0);
    assert.ok(!existsSync(file));
  },
);

testAsEach(
  "of two rules the first that matches acts: order decides between LOG and FAIL",
  (place) => {
    const file = join(place.directory, "passwd");
    const fail = preventDelete("PARAMS[1]", file, place.user.uid);
    writeFileSync(file, "x");
    const failFirst = place.under(`${fail}\n${LOG_UNLINK}`, ["rm", "-f", file]);
    assert.equal(failFirst.status, 1);
    assert.doesNotMatch(failFirst.stderr, /delete by/);
    const logFirst = place.under(`${LOG_UNLINK}\n${fail}`, ["rm", "-f", file]);
    assert.equal(logFirst.status, 0);
    assert.match(logFirst.stderr, /"rm" : ".*passwd" delete by/);
    assert.ok(!existsSync(file));
  },
);

testAsEach("ptrace calls of strace are logged, and strace works", (place, t) => {
  const rule = `rule
{
    syscall_name=ptrace
    rule_name=ptrace_rule1
    action {
        type=LOG
      log_format {%comm : %params issued ptrace by %euid --> %suid}
  }
    when=before
}`;
  const { status, stdout, stderr } = place.under(rule, [
    "strace",
    "-o",
    "/dev/null",
    "echo",
    "hello",
  ]);
  if (status === 127) return t.skip("strace is missing");
  assert.equal(status, 0, stderr);
  assert.equal(stdout, "hello\n");
  const { uid } = place.user;
  const lines = logLines(stderr);
  assert.ok(lines.length > 3, stderr);
  for (const line of lines)
    assert.match(
      line,
      new RegExp(`^"strace" : -?\\d.*, -?\\d+ issued ptrace by ${uid} --> ${uid}$`),
    );
});
