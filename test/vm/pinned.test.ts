/** Rules that deny outlive the process that loaded them, however it ends; the next one takes them over. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { ResidentEngine } from "../../src/engines/kernel/index.ts";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { checked } from "../kernel/watching.ts";
import { needsGuest, place, program, shell } from "./guest.ts";

after(assertNoObjects);

const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
const denied = (output: string): boolean => /Operation not permitted|^-1$/m.test(output);

test("after kill -9 rules hold, and a new start takes them over", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const runDir = place();
  const pinDir = "/sys/fs/bpf/sct-pinned-test";
  const file = join(directory, "kept");
  const uring = program("uring");
  writeFileSync(file, "");
  const rules = `rule { rule_name = path syscall_name = unlink filter_expression { PATH == "${file}" }
      action { type = FAIL error_code = EPERM } }
    rule { rule_name = text syscall_name = mkdir filter_expression { PARAMS[1] == "forbidden" }
      action { type = FAIL error_code = EPERM } }`;
  const options = { pinDir, runDir, ringBytes: 1 << 20 };
  const script = `
    const { ResidentEngine } = await import(${url("../../src/engines/kernel/index.ts")});
    const { parseRules } = await import(${url("../../src/language/index.ts")});
    const { vocabulary } = await import(${url("../../src/linux/index.ts")});
    const text = ${JSON.stringify(rules)};
    const { ruleSet } = parseRules([{ name: "rules", text }], vocabulary);
    const engine = ResidentEngine.open(${JSON.stringify(options)});
    const { ok } = await engine.replace(ruleSet.rules, text);
    console.log(ok);
    setInterval(() => {}, 1000);`;
  const tool = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await once(tool.stdout, "data");
  assert.equal(String(said), "true\n");
  // each line is a deletion or a directory that must not happen; they continue while the tool dies
  const attempts = `rm -f kept; mkdir forbidden; ${uring} unlink ${file}; mv kept away; ln kept more`;
  const during = shell(directory, Array(5).fill(attempts).join("; "));
  tool.kill("SIGKILL");
  const [, signal] = await once(tool, "exit");
  assert.equal(signal, "SIGKILL");
  const outputs = [await during, await shell(directory, attempts)];
  for (const output of outputs) {
    const lines = output.trimEnd().split("\n");
    assert.ok(lines.every(denied), output);
    assert.equal(lines.length % attempts.split(";").length, 0, output);
  }
  assert.ok(existsSync(file) && !existsSync(join(directory, "forbidden")));

  const next = ResidentEngine.open(options);
  try {
    assert.deepEqual([next.hasTakenOver, next.hasUnknownRules], [true, false]);
    assert.equal(next.current?.source, rules);
    const matched = next.counters().rules.map((rule) => rule.matched);
    assert.deepEqual(matched, [24, 6]);
    assert.ok(denied(await shell(directory, "rm -f kept")));
    // swapped for rules that deny nothing of this: the file can go
    const result = await next.replace(
      checked(rules.replaceAll("FAIL error_code = EPERM", "LOG")),
      "logged",
    );
    assert.ok(result.ok);
    assert.equal(await shell(directory, "rm -f kept; mkdir forbidden"), "");
    assert.equal(existsSync(file), false);
  } finally {
    next.unload();
  }
  assert.equal(existsSync(pinDir), false);
});
