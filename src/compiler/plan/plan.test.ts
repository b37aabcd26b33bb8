import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import type { PlannedBlock } from "./block.ts";
import { planRules } from "./plan.ts";
import { sourceKey } from "./texts.ts";

/** The block of the call's own 64-bit form. */
function blockOf(call: string, actions: string, more = ""): PlannedBlock {
  const text = `rule { syscall_name = ${call} syscall_match = exact ${more} ${actions} }`;
  const { ruleSet, diagnostics } = parseRules([{ name: "t", text }], vocabulary);
  assert.ok(ruleSet, diagnostics.map(({ message }) => message).join("\n"));
  const { blocks } = planRules(ruleSet.rules, { caller: true, directories: false });
  const block = blocks.find((one) => one.call === call && one.abi === "x86_64");
  assert.ok(block);
  return block;
}

const LOG = "action { type = LOG }";
const KILL = "action { type = KILL }";

for (const [title, call, more, keys] of [
  ["only the caller where text can be read later", "rename", "", ["exe", "cwd"]],
  ["filters' text", "unlink", 'filter_expression { PARAMS[1] == "/x" }', ["arg0", "exe", "cwd"]],
  ["all text for results", "rename", "when = after", ["arg0", "arg1", "exe", "cwd"]],
  ["all text of exec", "execve", "", ["cmdline", "exe", "cwd", "arg0"]],
  ["the directory of an exec", "execveat", "", ["cmdline", "dir0:arg0", "exe", "cwd", "arg1"]],
] as const) {
  test(`planRules() has ${title} read early, with LOG or without`, () => {
    for (const actions of [LOG, KILL]) {
      const { strings } = blockOf(call, actions, more);
      assert.deepEqual(
        strings.map(({ source }) => sourceKey(source)),
        keys,
        actions,
      );
    }
  });
}

function blocks(text: string): readonly PlannedBlock[] {
  const { ruleSet, diagnostics } = parseRules([{ name: "t", text }], vocabulary);
  assert.ok(ruleSet, diagnostics.map(({ message }) => message).join("\n"));
  return planRules(ruleSet.rules, { caller: false, directories: false }).blocks;
}

const named = (call: string, more: string): string => `rule { syscall_name = ${call} ${more} }`;
const EXACT = "syscall_match = exact";

for (const [title, text, expected] of [
  [
    "each call once, by number, its 64-bit form first",
    named("link, rename, kill", `${EXACT} ${LOG}`),
    ["9 i386 link 0", "37 i386 kill 0", "38 i386 rename 0", "62 x86_64 kill 0"].concat([
      "82 x86_64 rename 0",
      "86 x86_64 link 0",
    ]),
  ],
  [
    "rules in the order of the file",
    `${named("kill", `${EXACT} ${LOG}`)} ${named("kill", `${EXACT} ${KILL}`)}`,
    ["37 i386 kill 0 1", "62 x86_64 kill 0 1"],
  ],
  [
    "rules for results apart",
    `${named("kill", `${EXACT} when = after ${LOG}`)} ${named("kill", `${EXACT} ${KILL}`)}`,
    ["37 i386 kill 1 | 0", "62 x86_64 kill 1 | 0"],
  ],
  [
    "variants",
    named("rmdir", LOG),
    ["40 i386 rmdir 0", "84 x86_64 rmdir 0", "263 x86_64 unlinkat 0", "301 i386 unlinkat 0"],
  ],
] as const)
  test(`planRules() has ${title}`, () => {
    const rulesOf = (rules: PlannedBlock["before"]): string =>
      rules.map(({ ruleIndex }) => ` ${ruleIndex}`).join("");
    const found = blocks(text).map(
      ({ nr, abi, call, before, after }) =>
        `${nr} ${abi} ${call}${rulesOf(before)}${after.length > 0 ? ` |${rulesOf(after)}` : ""}`,
    );
    assert.deepEqual(found, expected);
  });

test("planRules() tries the name that is the call's own first, then the order of the rule", () => {
  const [block] = blocks(named("rmdir, unlink, unlinkat", LOG)).filter(
    ({ call, abi }) => call === "unlinkat" && abi === "x86_64",
  );
  const names = block?.before[0]?.candidates.map(({ target }) => target.name);
  assert.deepEqual(names, ["unlinkat", "rmdir", "unlink"]);
});

test("planRules() knows which calls replace the program", () => {
  const isExec = (call: string): boolean =>
    blocks(named(call, `${EXACT} ${LOG}`)).every((block) => block.isExec);
  assert.deepEqual(["execve", "execveat", "fork", "open"].map(isExec), [true, true, false, false]);
});
