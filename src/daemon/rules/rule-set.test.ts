import assert from "node:assert/strict";
import { test } from "node:test";
import { collectIncludes, compose, entriesOf, removeRules } from "./rule-set.ts";

const rule = (name: string, filter = ""): string =>
  `rule { syscall_name = getppid ${name === "" ? "" : `rule_name = ${name}`} ${
    filter === "" ? "" : `filter_expression { ${filter} }`
  } continue = yes action { type = LOG } }\n`;

function composed(inForce: string, ...texts: readonly string[]) {
  const files = texts.map((text, i) => ({ name: `${i}.conf`, text }));
  const { composition, diagnostics } = compose(inForce, files);
  assert.ok(composition, diagnostics.map(({ message }) => message).join("\n"));
  return composition;
}

const namesOf = (source: string): readonly string[] =>
  compose(source).composition?.rules.map(({ name }) => name) ?? [];

test("compose() adds rules behind those in force, and its text means the same", () => {
  const first = composed("", rule("b", "UID == 1"));
  const second = composed(first.source, rule("a"), rule("c"));
  assert.deepEqual(
    second.rules.map(({ name }) => name),
    ["b", "a", "c"],
  );
  const again = composed(second.source);
  assert.equal(again.source, second.source);
});

test("compose() keeps the name of a rule that was given none", () => {
  const { source } = composed("", `${rule("")}${rule("")}`);
  assert.deepEqual(namesOf(source), ["0.conf:1", "0.conf:2"]);
});

test("compose() keeps what rules refer to, and takes the same definition twice", () => {
  const text = `list us { 1, 2 }\ndefine ours { UID in us }\n`;
  const first = composed("", `${rule("a", "ours")}${text}`);
  const second = composed(first.source, `${text}${rule("b", "ours")}`);
  assert.deepEqual(namesOf(second.source), ["a", "b"]);
  const { composition } = compose(first.source, [
    { name: "other.conf", text: `list us { 3 }\n${rule("c", "UID in us")}` },
  ]);
  assert.equal(composition, undefined);
});

test("compose() says once of rules that are in force already what would put them in force", () => {
  const names = Array.from({ length: 600 }, (_, i) => `r${i}`);
  const text = names.map((name) => rule(name)).join("");
  const reported = (inForce: string, added: string): readonly string[] =>
    compose(composed("", inForce).source, [{ name: "again.conf", text: added }]).diagnostics.map(
      ({ code, message, hint = "" }) => `${code}: ${message}: ${/`sct [^`]+`/.exec(hint)?.[0]}`,
    );
  const replace = "`sct config replace`";
  assert.deepEqual(reported(rule("a"), rule("a")), [
    `duplicate_rule: \`a\` is in force already: ${replace}`,
  ]);
  const few = names.slice(0, 5).map((name) => rule(name));
  assert.deepEqual(reported(few.join(""), few.join("")), [
    `duplicate_rule: \`r0\`, \`r1\`, \`r2\` and 2 more are in force already: ${replace}`,
  ]);
  assert.deepEqual(reported(text, text), [
    `duplicate_rule: \`r0\`, \`r1\`, \`r2\` and many more are in force already: ${replace}`,
  ]);
  // it is no news that a rule is shadowed by itself
  const final = rule("a").replace("continue = yes", "");
  assert.deepEqual(reported(final, final), [
    `duplicate_rule: \`a\` is in force already: ${replace}`,
  ]);
  // a rule and its list, both changed
  const listed = (value: number): string => `list us { ${value} }\n${rule("a", "UID in us")}`;
  assert.deepEqual(reported(listed(1), listed(2)), [
    `duplicate_name: \`us\`, \`a\` are in force already: ${replace}`,
  ]);
  // what else is wrong is said as always, also of names that the file itself has twice
  assert.deepEqual(reported(rule("a"), `${rule("a")}${rule("b")}${rule("b")}${rule("c", "x")}`), [
    `duplicate_rule: \`a\` is in force already: ${replace}`,
    "duplicate_rule: A rule named `b` exists already: undefined",
    "unknown_name: Unknown name `x`: undefined",
  ]);
});

test("compose() puts the rules of an included file where it is included", () => {
  const files = [{ name: "main.conf", text: `${rule("a")}include "sub.conf"\n${rule("c")}` }];
  const { includes, loadInclude } = collectIncludes(files, () => ({
    name: "dir/sub.conf",
    text: rule("b"),
  }));
  assert.deepEqual(
    includes.map(({ path, from, name }) => [path, from, name]),
    [["sub.conf", "main.conf", "dir/sub.conf"]],
  );
  const { composition } = compose("", files, { loadInclude });
  assert.deepEqual(namesOf(composition?.source ?? ""), ["a", "b", "c"]);
});

test("removeRules() removes those named, and definitions that nobody uses any more", () => {
  const { source } = composed(
    "",
    `list us { 1 }\ndefine ours { UID in us }\ndefine other { UID == 2 }\n`,
    rule("a", "ours"),
    rule("b", "other"),
    rule("c"),
  );
  const removal = removeRules(source, ["b"]);
  assert.ok(removal.ok);
  assert.deepEqual(
    [...entriesOf(removal.source).keys()],
    ["list us", "define ours", "rule a", "rule c"],
  );
  assert.deepEqual(removeRules(source, ["a", "x"]), { ok: false, unknown: ["x"] });
  assert.deepEqual(removeRules(source, ["x*"]), { ok: false, unknown: ["x*"] });
  assert.deepEqual(removeRules(source, ["b*"]), removal);
  assert.deepEqual(removeRules(source, ["*"]), { ok: true, source: "" });
});

test("compose() leaves out warnings that were allowed, in what is added", () => {
  const text =
    'rule { rule_name = r syscall_name = open filter_expression { PARAMS[1] startswith "/etc/" } action { type = FAIL error_code = EPERM } }';
  const codes = (allow: readonly string[]) =>
    compose("", [{ name: "r.conf", text }], { allow }).diagnostics.map(({ code }) => code);
  const [code, ...rest] = codes([]);
  assert.ok(code !== undefined);
  assert.deepEqual(
    codes([code]),
    rest.filter((one) => one !== code),
  );
});
