/** The article's session with the classic commands, one after the other, on the real service. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needsKernel } from "../kernel/needs.ts";
import { Instance } from "./instance.ts";

const UNLINK = `rule
{
  syscall_name = unlink
  rule_name = unlink_rule1
  action {
    type = LOG
    log_format {%comm : %params delete by %euid --> %suid}
  }
  when = before
}
`;
const PTRACE = `rule
{
  syscall_name = ptrace
  rule_name = ptrace_rule
  action {
    type=LOG
    log_format {%comm : %params issued ptrace by %euid --> %suid}
  }
}
`;
const DELETED = '"rm" : "./dummy" delete by 0 --> 0';

test("load, upload, delete a file, read the log, download, delete, ptrace, unload", {
  timeout: 120_000,
}, async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const work = join(instance.directory, "work");
  mkdirSync(work);
  const unlink = instance.write("unlink.conf", UNLINK);
  const ptrace = instance.write("ptrace.conf", PTRACE);
  const said = async (program: string, ...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await instance.run(program, ...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const remove = async (): Promise<void> => {
    const { code, stderr } = await instance.shell(`cd ${work}; touch ./dummy; rm ./dummy`);
    assert.equal(code, 0, stderr);
  };
  /** Everything that was logged, others' calls too. */
  const logged = async (line: RegExp): Promise<number> => {
    // the service stores what it reads within a moment
    await new Promise((resolve) => setTimeout(resolve, 200));
    const text = await said("sct", "log", "--no-time");
    return text.split("\n").filter((one) => line.test(one)).length;
  };

  assert.match(await said("sct_load"), /^Successfully loaded: service \d+, 0 rules in force\n$/);
  assert.equal(
    await said("sct_config", "upload", unlink),
    `Successfully uploaded rules from file '${unlink}'\n`,
  );
  // another terminal, in which the log is open while the file is deleted
  let isSeen = false;
  const log = (async () => {
    for await (const line of instance.lines("sctlog")) {
      if (line === DELETED) break;
    }
    isSeen = true;
  })();
  while (!isSeen) await remove();
  await log;

  const downloaded = await said("sct_config", "download");
  assert.match(downloaded, /^rule \{\n {2}syscall_name = unlink\n {2}rule_name = unlink_rule1\n/);
  const again = instance.write("again.conf", downloaded);
  assert.match(await said("sct_config", "diff", again), /^(no difference.*)?\n?$/i);

  assert.equal(await said("sct", "completion", "--rules"), "unlink_rule1\n");

  await said("sct_config", "delete");
  assert.equal((await said("sct_config", "download")).trim(), "");
  const line = new RegExp(`^${DELETED.replaceAll(".", "\\.")}$`);
  const before = await logged(line);
  await remove();
  assert.equal(await logged(line), before, "a deleted rule does not log");

  await said("sct_config", "upload", ptrace);
  const { code } = await instance.shell("strace -o /dev/null /bin/ls");
  assert.equal(code, 0);
  const issued = /^"strace" : -?\d+, -?\d+, -?\d+, -?\d+ issued ptrace by 0 --> 0$/;
  while ((await logged(issued)) === 0);

  const pid = instance.servicePid;
  await said("sct_unload");
  // it has let go of everything, and ends
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 10));
  const { code: gone, stderr } = await instance.run("sct", "status");
  assert.deepEqual([gone, /not running/.test(stderr)], [3, true], stderr);
});
