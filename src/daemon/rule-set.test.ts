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
  const { composition } = compose("", files, loadInclude);
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
