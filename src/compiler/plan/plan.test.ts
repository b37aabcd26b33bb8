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
