import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckedRule } from "../../language/checked/index.ts";
import { parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import type { KernelFacts } from "../facts.ts";
import { tracepointsOnly } from "../machine.ts";
import type { Plan } from "./block.ts";
import { enforcePlan } from "./enforce.ts";
import { familiesOf } from "./families.ts";
import { planRules, sitesOf } from "./plan.ts";

function planned(rules: readonly CheckedRule[]): Plan {
  const machine = tracepointsOnly({} as KernelFacts);
  return enforcePlan(planRules(rules, { caller: false, directories: machine.canLoop }), machine);
}

function rulesOf(text: string) {
  const { ruleSet, diagnostics } = parseRules([{ name: "t", text }], vocabulary);
  assert.ok(ruleSet, diagnostics.map(({ message }) => message).join("\n"));
  return ruleSet.rules;
}

/** Each family as the names of its calls. */
function families(...rules: readonly string[]): readonly string[] {
  const text = rules.map((rule) => `rule { ${rule} }`).join("\n");
  const { blocks } = planned(rulesOf(text));
  return familiesOf(blocks).map(({ members }) =>
    members.map(({ abi, call }) => `${abi === "i386" ? "i:" : ""}${call}`).join(" "),
  );
}

const LOG = "action { type = LOG }";

test("familiesOf() puts calls together whose rules and texts are the same, whatever their ABI", () => {
  assert.deepEqual(families(`syscall_name = link, rename, chdir syscall_match = exact ${LOG}`), [
    "i:link i:rename rename link",
    "i:chdir chdir",
  ]);
  const text = 'filter_expression { PARAMS[1] == "/a" && COMM == "b" }';
  assert.deepEqual(families(`syscall_name = unlink, rmdir syscall_match = exact ${text} ${LOG}`), [
    "i:unlink i:rmdir rmdir unlink",
  ]);
});

for (const [what, rule] of [
  ["where a text is elsewhere", 'filter_expression { PARAMS[1] == "/a" }'],
  ["where the filter knows the call", "filter_expression { SYSCALL > 1 }"],
] as const) {
  test(`familiesOf() leaves calls alone ${what}`, () => {
    const all = families(`syscall_name = open ${rule} ${LOG}`);
    const together = all.filter((family) => /\bopen\b/.test(family) && /\bopenat\b/.test(family));
    assert.deepEqual([together, all.length > 2], [[], true]);
  });
}

test("familiesOf() leaves calls alone that one more rule names, that are denied or that execute", () => {
  const exact = "syscall_match = exact";
  assert.deepEqual(
    families(`syscall_name = link, rename ${exact} ${LOG}`, `syscall_name = link ${exact} ${LOG}`),
    ["i:link link", "i:rename rename"],
  );
  const deny = "action { type = FAIL error_code = EPERM }";
  assert.equal(families(`syscall_name = link, rename ${exact} ${deny}`).length, 4);
  assert.equal(families(`syscall_name = execve ${exact} ${LOG}`).length, 2);
});

test("familiesOf() makes few of all calls", () => {
  const all = families(`syscall_name = @all ${LOG}`);
  assert.ok(all.length < 60, `${all.length} families`);
});

test("sites of a call follow each other", () => {
  const rules = rulesOf(
    `rule { syscall_name = link, rename ${LOG} } rule { syscall_name = rename ${LOG} }`,
  );
  const { blocks } = planned(rules);
  const sites = sitesOf(rules);
  for (const { firstSite, before, nr, abi } of blocks) {
    const own = before.flatMap(({ candidates }) => candidates.map(({ siteIndex }) => siteIndex));
    assert.deepEqual(
      own.toSorted((x, y) => x - y),
      own.map((_, i) => firstSite + i),
    );
    for (const index of own)
      assert.deepEqual([sites[index]?.presentation.nr, sites[index]?.presentation.abi], [nr, abi]);
  }
});
