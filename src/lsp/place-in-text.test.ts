import assert from "node:assert/strict";
import { test } from "node:test";
import { placeInText } from "./place-in-text.ts";

/** Block, entry so far, and word at the `|` of a text. */
function at(text: string): string {
  const offset = text.indexOf("|");
  const { block, before, word } = placeInText(text.replace("|", ""), offset);
  return `${block ?? "top"} [${before.join(" ")}] ${word}`;
}

test("placeInText() finds the block, its entry and the word that is written", () => {
  assert.equal(at("ru|"), "top [] ru");
  assert.equal(at("rule { rule_name = a sys|"), "rule [rule_name = a] sys");
  assert.equal(at("rule { when = after; sys|"), "rule [;] sys");
  assert.equal(at("rule { syscall_name = open, exe|"), "rule [syscall_name = open ,] exe");
  assert.equal(at("rule { rule_name = a\n syscall_name = @f| }"), "rule [syscall_name =] @f");
  assert.equal(at("rule { action { type = L|"), "action [type =] L");
  assert.equal(at("rule { action { type = LOG log_format {%co| }"), "log_format [] %co");
  assert.equal(
    at("rule { filter_expression { PARAMS[2].sin| } }"),
    "expression [PARAMS [ 2 ]] .sin",
  );
  assert.equal(at('policy p { read { "/a", no| } }'), 'names ["/a" ,] no');
  assert.equal(at("policy p { read { } oth|"), "policy [] oth");
  assert.equal(at('test "t" { call un|'), "test [call] un");
  assert.equal(
    at('test "t" { call unlink("/a") expect FAIL EPERM by x|'),
    "test [expect FAIL EPERM by] x",
  );
  assert.equal(at("# rule {\n de|"), "top [] de");
  assert.equal(at("define A { UI|"), "expression [] UI");
});

test("placeInText() knows the calls of the rule around", () => {
  const text = "rule { syscall_name = connect, bind filter_expression { PARAMS[2]. } }";
  assert.deepEqual(placeInText(text, text.indexOf(". }") + 1).calls, ["connect", "bind"]);
});
