import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../index.ts";
import { ruleOf } from "../testing/expect.ts";
import { testVocabulary } from "../testing/vocabulary.ts";

const USERS = new Map([
  ["root", 0n],
  ["me", 1000n],
]);
const accounts = {
  user: (name: string) => USERS.get(name),
  group: (name: string) => (name === "adm" ? 4n : undefined),
};

function parse(filter: string, file: { isKept?: true } = {}) {
  const text = `list ADMINS { "root", "me", 5 } ${ruleOf(filter)}`;
  return parseRules([{ name: "t", text, ...file }], testVocabulary, { accounts });
}

const filterOf = (filter: string) => parse(filter).ruleSet?.rules[0]?.targets[0]?.filter;

test("accountNumber() takes names of users and groups where their numbers are compared", () => {
  const [me, adm] = [filterOf('UID == "me"'), filterOf('"adm" != EGID')];
  assert.deepEqual(me?.kind === "compare" && me.right.kind === "int" && me.right.value, 1000n);
  assert.deepEqual(adm?.kind === "compare" && adm.right.kind === "int" && adm.right.value, 4n);
  const members = filterOf("LOGINUID in ADMINS");
  assert.deepEqual(members?.kind === "inRanges" && members.ranges.map(({ low }) => low), [
    0n,
    5n,
    1000n,
  ]);
});

test("accountNumber() says what is no name; one that is gone takes no rule out of force", () => {
  const codes = (filter: string, file = {}) =>
    parse(filter, file).diagnostics.map(({ code }) => code);
  assert.deepEqual(codes('UID == "nobdy"'), ["unknown_account"]);
  assert.deepEqual(codes('GID in ("root")'), ["unknown_account"]);
  assert.deepEqual(codes('PID == "root"'), ["type_mismatch"]);
  assert.ok(codes('UID == "nobdy"', { isKept: true }).includes("gone_account"));
  assert.ok(parse('UID == "nobdy"', { isKept: true }).ruleSet);
  const without = parseRules([{ name: "t", text: ruleOf('UID == "me"') }], testVocabulary);
  assert.deepEqual(
    without.diagnostics.map(({ code }) => code),
    ["no_accounts"],
  );
});
