import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { openExplainer } from "./explain.ts";

const explain = await openExplainer();

function explained(rule: string): ReturnType<typeof explain> {
  const text = `rule { ${rule} action { type = FAIL error_code = EPERM } }`;
  const { ruleSet } = parseRules([{ name: "-e", text }], vocabulary);
  const [first] = ruleSet?.rules ?? [];
  assert.ok(first, rule);
  return explain(first);
}

const run = (rule: string): string => explained(rule).run;

test("openExplainer() reports for 'sct run' where a thread can get around a rule", () => {
  const race = /a thread that changes memory or names meanwhile can get around it/;
  // openat2 and clone3 have their flags in memory, socketcall all that it gets
  assert.match(run("syscall_name = open filter_expression { PARAMS[2] & O_CREAT }"), race);
  assert.match(run("syscall_name = clone filter_expression { PARAMS[1] & CLONE_NEWUSER }"), race);
  assert.match(run("syscall_name = socket filter_expression { PARAMS[1] == AF_INET }"), race);
  assert.match(run('syscall_name = unlink filter_expression { PATH == "/x" }'), race);
  assert.doesNotMatch(run("syscall_name = kill filter_expression { PARAMS[2] == 9 }"), race);
  assert.doesNotMatch(run('syscall_name = unlink filter_expression { EXE == "/bin/rm" }'), race);
});

const MEMORY = /another thread can change it before the kernel reads it/;
const FILES = /^none: decided on the files that the kernel itself has resolved/;
const DESCRIPTORS = /another thread can put another file in the place of one/;
const REGISTERS = /^none: decided on registers and on what the kernel knows of the caller/;

for (const [rule, race] of [
  ["syscall_name = connect filter_expression { PARAMS[2].addr in 10.0.0.0/8 }", MEMORY],
  ["syscall_name = connect filter_expression { !(PARAMS[2].sin_port == 22) }", MEMORY],
  ['syscall_name = connect filter_expression { PARAMS[2].sun_path == "/x" }', MEMORY],
  ["syscall_name = open filter_expression { PARAMS[2] & O_CREAT }", MEMORY],
  ["syscall_name = open filter_expression { (PARAMS[2] | 1) in (3, 5) }", MEMORY],
  ["syscall_name = clone filter_expression { PARAMS[1] & CLONE_NEWUSER }", MEMORY],
  ['syscall_name = write filter_expression { PARAMS[2] contains "x" }', MEMORY],
  ['syscall_name = execve filter_expression { ENVP["A"] == "x" }', MEMORY],
  ['syscall_name = execve filter_expression { ARGV contains "x" && PATH == "/x" }', MEMORY],
  ['syscall_name = unlink filter_expression { PATH == "/x" }', FILES],
  ['syscall_name = connect syscall_match = exact filter_expression { PATH == "/x" }', FILES],
  ['syscall_name = write filter_expression { FD[1].path == "/x" }', DESCRIPTORS],
  ["syscall_name = write filter_expression { FD[1].port == 22 }", DESCRIPTORS],
  ["syscall_name = sendto filter_expression { FD[1].addr in 10.0.0.0/8 }", DESCRIPTORS],
  ["syscall_name = kill filter_expression { PARAMS[2] == 9 && UID == 0 }", REGISTERS],
  ['syscall_name = unlink filter_expression { EXE == "/x" || descends_from("x") }', REGISTERS],
] as const)
  test(`openExplainer() reports what can be changed meanwhile: ${rule}`, () => {
    assert.match(explained(rule).race, race);
  });

test("openExplainer() reports what a rule counts that takes only some of the calls", () => {
  const counts = (entries: string): readonly string[] =>
    explained(`syscall_name = mkdir ${entries}`).counts;
  assert.deepEqual(counts(""), []);
  assert.match(counts("occurrence = 3").join(), /^occurrence: one count for all processes; from 0/);
  const [threshold, chance] = counts("threshold = 3/10s per UID chance = 1%");
  assert.match(threshold ?? "", /^threshold: one count per uid, 65,536 .* are kept;/);
  assert.match(chance ?? "", /--seed N/);
});
