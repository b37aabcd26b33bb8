/** Policies in programs: what is denied comes with its reason, as `sct run --report` gives it. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseRules, run, type SctEvent } from "../../src/index.ts";
import { assertNoSyscalls } from "../../src/testing/index.ts";

function place(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "sct-library-")));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "letter"), "dear\n");
  return folder;
}

const policy = (folder: string, otherwise: string): string => `# sct: allow policy_leaves_open
policy p { read { "/**", not "${folder}/secret" } write { "/dev/null", "/dev/tty" } otherwise = ${otherwise} }`;

for (const [otherwise, denied] of [
  ["FAIL EACCES", true],
  ["LOG", false],
] as const)
  test(`run() of a policy says what was denied and what to add, with ${otherwise}`, async (t) => {
    const folder = place(t);
    const events: SctEvent[] = [];
    const rules = parseRules(policy(folder, otherwise), { file: "p.conf" });
    const script = "echo x >made; cat letter; exit 3";
    const { exitCode, policies, counters } = await run(rules, ["sh", "-c", script], {
      ...{ cwd: folder, stdio: "pipe", onEvent: (event) => events.push(event) },
      report: join(folder, "run.json"),
    });
    assert.equal(exitCode, 3);
    const made = join(folder, "made");
    const [{ policy: name, lists } = { policy: "", lists: [] }] = policies;
    assert.deepEqual([policies.length, name, policies[0]?.denied], [1, "p", denied]);
    assert.deepEqual(
      lists.map(({ list, at, calls, names, add }) => [list, at, calls, names[0]?.name, add.length]),
      [["write", "p.conf:2", 1, made, 1]],
    );
    // the name of a folder for temporary files is another one each time
    assert.match(lists[0]?.add[0] ?? "", /^"\/.*\/made"$/);
    assert.equal(events.length, 1);
    assert.match(events[0]?.message ?? "", /not in write of p, line 2$/);
    // what is there for the report alone is not the caller's
    assert.ok(counters.rules.every(({ rule }) => rule.startsWith("p.")));
    const report = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
    assert.deepEqual([report.exit, report.policies], [3, JSON.parse(JSON.stringify(policies))]);
    assert.ok(JSON.stringify(report.processes).includes(join(folder, "letter")));
  });

test("a report is a page where its name says so, and a failure to write it is a notice", async (t) => {
  const folder = place(t);
  const rules = policy(folder, "LOG");
  const { policies } = await run(rules, ["true"], { report: join(folder, "run.html") });
  assert.deepEqual(policies, []);
  assert.match(readFileSync(join(folder, "run.html"), "utf8"), /^<!doctype html>/i);
  const notices: string[] = [];
  const onNotice = (line: string): void => void notices.push(line);
  const { exitCode } = await run(rules, ["true"], {
    report: join(folder, "no/run.html"),
    onNotice,
  });
  assert.equal(exitCode, 0);
  assert.match(notices.join("\n"), /cannot write '.*run\.html'/);
});

test("assertNoSyscalls() of a policy names the calls and the entries", async (t) => {
  const folder = place(t);
  const rules = parseRules(policy(folder, "FAIL EACCES"), { file: "p.conf" });
  await assertNoSyscalls(rules, ["cat", "letter"], { cwd: folder });
  await assert.rejects(
    assertNoSyscalls(rules, ["touch", "made"], { cwd: folder }),
    ({ message }) => {
      assert.match(message, /^Expected no system calls that the rules name, got 1\n/);
      assert.match(message, /"touch"\[\d+\]: denied: openat/);
      assert.match(message, /\n {2}to allow it, add to write of p at p\.conf:2: "\/.*\/made"$/);
      return true;
    },
  );
});

test("assertNoSyscalls() of a policy that only reports holds for a function, too", async (t) => {
  const folder = place(t);
  const rules = policy(folder, "LOG");
  await assertNoSyscalls(parseRules(rules), () => readFileSync(join(folder, "letter")));
  await assert.rejects(
    assertNoSyscalls(parseRules(rules), () => writeFileSync(join(folder, "made"), "x")),
    /would deny: open.*made/,
  );
});
