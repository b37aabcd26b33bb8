/** Whatever happens to sct, a call that a rule denies is not made. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSupervisedEngine } from "../../src/engines/supervised/index.ts";
import { parseRules } from "../../src/language/index.ts";
import { vocabulary } from "../../src/linux/index.ts";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { logRule, mechanisms } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

for (const by of mechanisms) {
  const deny = `rule { syscall_name = unlink filter_expression { PATH endswith "/precious" }
    action { type = LOG } action { type = FAIL error_code = EPERM } } ${logRule(by, "rmdir")}`;

  test(`an error while a rule is carried out refuses the call and ends everything, by ${by}`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "sct-closed-"));
    t.after(() => rmSync(directory, { recursive: true }));
    const precious = join(directory, "precious");
    writeFileSync(precious, "");
    const { ruleSet } = parseRules([{ name: "-e", text: deny }], vocabulary);
    const opened = openSupervisedEngine({
      rules: ruleSet?.rules ?? [],
      reportsAll: false,
      ask: undefined,
      report: () => {},
    });
    assert.ok(opened.ok);
    const script = `rm -f ${precious}; echo > ${directory}/survived`;
    const command = {
      program: Buffer.from("/bin/sh"),
      argv: ["sh", "-c", script].map((text) => Buffer.from(text)),
      environment: [Buffer.from("PATH=/usr/bin:/bin")],
    };
    let records = 0;
    const sink = {
      record() {
        records++;
        throw new Error("a bug of ours");
      },
    };
    void opened.engine.events(sink, Number.POSITIVE_INFINITY);
    const run = opened.engine.run(command);
    await assert.rejects(run, /a bug of ours/);
    assert.equal(records, 1);
    assert.ok(existsSync(precious));
    assert.ok(!existsSync(join(directory, "survived")));
  });

  test(`an error that nothing catches ends everything with 125, by ${by}`, (t) => {
    const directory = mkdtempSync(join(tmpdir(), "sct-closed-"));
    t.after(() => rmSync(directory, { recursive: true }));
    const program = JSON.stringify(new URL("../../src/cli/program.ts", import.meta.url).href);
    const script = `echo ready; sleep 3; echo > ${directory}/survived`;
    const fails = `import { runProgram } from ${program};
      setTimeout(() => { throw new Error("of ours"); }, 2000);
      await runProgram(process.argv.slice(1));`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "-e", fails, "run", "-e", deny, "--", "sh", "-c", script],
      { encoding: "utf8" },
    );
    assert.match(stderr, /^sct run: this is a bug in syscalltrack.*Error: of ours/s);
    assert.equal(status, 125);
    assert.equal(stdout, "ready\n");
    assert.ok(!existsSync(join(directory, "survived")));
  });

  for (const signal of ["SIGKILL", "SIGABRT"] as const)
    testAsEach(`no call gets through when sct dies of ${signal}, by ${by}`, async (place) => {
      const precious = join(place.directory, "precious");
      writeFileSync(precious, "");
      const script = `while [ -e ${precious} ]; do rm -f ${precious} 2>/dev/null; echo tried; done`;
      // setsid: it must not matter whose descendant it is
      const child = place.start(["-o", "log", "-e", deny], ["setsid", "-w", "sh", "-c", script]);
      const ended = new Promise((resolve) => child.on("close", resolve));
      let tried = "";
      child.stdout.on("data", (piece) => {
        tried += piece;
      });
      await waitFor("calls that are refused", () => tried.length > 10 * "tried\n".length);
      child.kill(signal);
      // the pipes close when the last process that has them is gone
      child.stderr.resume();
      await ended;
      assert.ok(existsSync(precious));
    });
}

test("an error behind an answer to a question refuses the call and ends everything, by ptrace", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-closed-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const asks = `rule { syscall_name = rmdir action { type = SUSPEND } }
    rule { syscall_name = rmdir when = after action { type = LOG } }`;
  const { ruleSet } = parseRules([{ name: "-e", text: asks }], vocabulary);
  let isAnswered = false;
  const opened = openSupervisedEngine({
    rules: ruleSet?.rules ?? [],
    reportsAll: false,
    ask: async () => {
      isAnswered = true;
      return "fail";
    },
    report: () => {},
  });
  assert.ok(opened.ok);
  const script = `rmdir ${directory}/none; echo > ${directory}/survived`;
  const command = {
    program: Buffer.from("/bin/sh"),
    argv: ["sh", "-c", script].map((text) => Buffer.from(text)),
    environment: [Buffer.from("PATH=/usr/bin:/bin")],
  };
  const sink = {
    record() {
      if (isAnswered) throw new Error("a bug of ours");
    },
  };
  void opened.engine.events(sink, Number.POSITIVE_INFINITY);
  const run = opened.engine.run(command);
  await assert.rejects(run, /a bug of ours/);
  assert.ok(!existsSync(join(directory, "survived")));
});
