/** What commands say to ordinary users: nothing of the kernel that only a missing privilege has said. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const sct = fileURLToPath(new URL("../bin/sct", import.meta.url));
const NOBODY = 65534;
const user = process.geteuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const canRead = spawnSync(sct, ["--version"], user).status === 0;
// that of the tests is not for another user
const compiled = mkdtempSync(join(tmpdir(), "sct-compiled-"));
chownSync(compiled, user.uid ?? -1, user.gid ?? -1);
after(() => rmSync(compiled, { recursive: true }));
const { SCT_STATE_DIR: _, ...inherited } = process.env;
const env = { ...inherited, NODE_COMPILE_CACHE: compiled };
const skip = canRead ? false : "another user cannot read this checkout";

function run(args: readonly string[], input = "") {
  const result = spawnSync(sct, args, { ...user, env, input, encoding: "utf8" });
  if (result.error !== undefined) throw result.error;
  return result;
}

const rule = (action: string) =>
  `rule { syscall_name = unlink filter_expression { PATH == "/tmp/x" } action { ${action} } }`;

test("sct check --explain gives no verdict on a kernel that was not tried", { skip }, () => {
  const args = ["check", "--explain", "-"];
  const { stdout, status } = run(args, rule("type = FAIL error_code = EPERM"));
  assert.match(stdout, /^ {2}here +what the kernel can do was not tried: that needs root$/m);
  assert.doesNotMatch(stdout, /^ *refused/m);
  assert.equal(status, 0);
});

test("sct check --explain refuses what no kernel can", { skip }, () => {
  const { stdout, status } = run(
    ["check", "--explain", "-"],
    rule('type = REWRITE rewrite { PARAMS[1] = "/dev/null" }'),
  );
  assert.match(stdout, /refused +.*only `sct run` can do it/);
  assert.equal(status, 1);
});

test("sct doctor does not blame the kernel", { skip }, () => {
  const { stdout, status } = run(["doctor"]);
  assert.doesNotMatch(stdout, /even to root/);
  assert.match(stdout, /^\? {4}enforcing: what the kernel can do was not tried/m);
  assert.equal(status, 3);
});

test("sct log says that the history is for root, also where there is none", { skip }, () => {
  const { stderr, status } = run(["log"]);
  assert.match(stderr, /^sct log: reading the history needs root$/m);
  assert.equal(status, 3);
});
