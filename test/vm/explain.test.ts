/** What `sct check --explain` and `sct doctor` say of a kernel on which rules can deny. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { GUEST, INJECTS_ERRORS, IS_PREEMPTIVE, needsGuest, place } from "./guest.ts";

const SCT = fileURLToPath(new URL("../../bin/sct", import.meta.url));

/** What a command prints; its exit status may be anything. */
function sct(...args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(SCT, args, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}

/** Lines of a rule's explanation by their titles. */
function rowsOf(explanation: string, rule: string): ReadonlyMap<string, string> {
  const [block = ""] = explanation.split(`\n${rule} (`).slice(1);
  const rows = new Map<string, string>();
  let title = "";
  for (const line of (block.split(/\n\n/)[0] ?? "").split("\n").slice(1)) {
    const [, left = "", right = ""] = /^ {2}(\S[^ ]*(?: [^ ]+)?|) {2,}(.*)$/.exec(line) ?? [];
    title = left === "" ? title : left;
    rows.set(title, `${rows.has(title) ? `${rows.get(title)}\n` : ""}${right}`);
  }
  return rows;
}

test("sct check --explain says how each rule acts here", async (t) => {
  if (!needsGuest(t)) return;
  const file = join(place(), "rules.conf");
  writeFileSync(
    file,
    `rule { rule_name = prevent_delete syscall_name = unlink
       filter_expression { PARAMS[1] == "/etc/passwd" && UID == 0 } action { type = FAIL error_code = EPERM } }
     rule { rule_name = by_path syscall_name = unlink filter_expression { PATH == "/etc/passwd" }
       action { type = FAIL error_code = EPERM } }
     rule { rule_name = by_id syscall_name = write, fallocate filter_expression { UID == 5 }
       action { type = FAIL error_code = EIO } }
     rule { rule_name = unhooked syscall_name = getpid filter_expression { UID == 5 }
       action { type = FAIL error_code = EPERM } }`,
  );
  const explanation = await sct("check", "--explain", file);
  t.diagnostic(explanation);
  const text = rowsOf(explanation, "prevent_delete");
  const hook = INJECTS_ERRORS ? /^hook at .*security_path_unlink/ : /^lsm at .*bpf_lsm_path_unlink/;
  const programs = text.get("programs")?.split("\n") ?? [];
  assert.ok(programs.length <= 4, programs.join("\n"));
  assert.ok(programs.some((line) => hook.test(line)));
  if (INJECTS_ERRORS)
    assert.match(
      text.get("actions") ?? "",
      /^FAIL: before the call, by the return value of its function/,
    );
  else
    assert.match(
      text.get("actions") ?? "",
      /^FAIL: before the call has any effect, in security hooks path_unlink.*\(lsm\): /,
    );
  assert.match(text.get("race") ?? "", /another thread can change it/);
  const path = rowsOf(explanation, "by_path");
  assert.match(
    path.get("actions") ?? "",
    /^FAIL: before the call has any effect, in security hooks /,
  );
  assert.match(path.get("race") ?? "", /^none: decided on the files/);
  assert.match(path.get("io_uring") ?? "", /^submitted .* seen in .*unlinkat.*linkat[^;]*$/);
  assert.match(
    rowsOf(explanation, "by_id").get("io_uring") ?? "",
    /^submitted .* seen in the security hooks they reach: write, .*; not seen .*: fallocate$/,
  );
  const unhooked = rowsOf(explanation, "unhooked");
  if (INJECTS_ERRORS) assert.equal(unhooked.get("refused"), undefined);
  else
    assert.match(
      unhooked.get("refused") ?? "",
      /FAIL of getpid cannot be enforced here: no security hook/,
    );
});

test("sct doctor says by what means rules are enforced here", async (t) => {
  if (!needsGuest(t)) return;
  const said = await sct("doctor");
  t.diagnostic(said);
  if (INJECTS_ERRORS) {
    assert.match(
      said,
      /return values of calls \((kprobe|fmod_ret)\): FAIL of any call with any error/,
    );
    assert.match(said, /security hooks \(fmod_ret\): FAIL of calls that reach one/);
  } else {
    assert.ok(GUEST.startsWith("debian-"), GUEST);
    assert.doesNotMatch(said, /return values of calls/);
    assert.match(
      said,
      /security hooks \(lsm\): FAIL of calls that reach one; PATH is free of races/,
    );
  }
  assert.equal(/tracepoints decide then/.test(said), IS_PREEMPTIVE && !INJECTS_ERRORS);
});
