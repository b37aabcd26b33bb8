/** The grammar of the editors, by the engine that editors use; and the words that it has to know. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";
import { ACTION_ENTRIES, ITEMS, POLICY_ENTRIES, RULE_ENTRIES } from "../src/language/index.ts";
import { variableNames } from "../src/variables/index.ts";

const path = fileURLToPath(
  new URL("../editors/vscode/syntaxes/syscalltrack.tmLanguage.json", import.meta.url),
);
const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");
await oniguruma.loadWASM(readFileSync(wasm));
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async () => textmate.parseRawGrammar(readFileSync(path, "utf8"), path),
});
const grammar = await registry.loadGrammar("source.syscalltrack");

/** `text: scope` of each token that is coloured, line breaks left out. */
function tokensOf(text: string): string[] {
  assert.ok(grammar);
  const found: string[] = [];
  let state = textmate.INITIAL;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const { startIndex, endIndex, scopes } of tokens) {
      const piece = line.slice(startIndex, endIndex).trim();
      const scope = scopes.at(-1)?.replace(/\.syscalltrack$/, "") ?? "";
      if (piece !== "" && scopes.length > 1) found.push(`${piece}: ${scope}`);
    }
  }
  return found;
}

test("a rule is coloured", () => {
  assert.deepEqual(
    tokensOf(`rule { # note
  rule_name = keep
  syscall_name = open,
    @delete
  filter_expression { PATH == "/a\\n" && PARAMS[2].sin_port in (0x16, O_CREAT) }
  action { type = FAIL error_code = EPERM }
}`),
    [
      "rule: keyword.declaration",
      "# note: comment.line.number-sign",
      "rule_name: variable.other.property",
      "=: keyword.operator.assignment",
      "keep: entity.name.function",
      "syscall_name: variable.other.property",
      "=: keyword.operator.assignment",
      "open: support.function",
      "@delete: support.function",
      "filter_expression: variable.other.property",
      "PATH: variable.language",
      "==: keyword.operator",
      '": string.quoted.double',
      "/a: string.quoted.double",
      "\\n: constant.character.escape",
      '": string.quoted.double',
      "&&: keyword.operator",
      "PARAMS: variable.language",
      "2: constant.numeric",
      "sin_port: variable.other.member",
      "in: keyword.operator.word",
      "0x16: constant.numeric",
      "O_CREAT: constant.other",
      "action: variable.other.property",
      "type: variable.other.property",
      "=: keyword.operator",
      "FAIL: support.type.action",
      "error_code: variable.other.property",
      "=: keyword.operator",
      "EPERM: constant.other",
    ],
  );
});

test("a log format is text with macros, up to the brace that closes it", () => {
  assert.deepEqual(
    tokensOf('log_format {%comm[%pid] "x {%uid} %time{%H:%M}} type = LOG').slice(0, 14),
    [
      "log_format: variable.other.property",
      "{: punctuation.section.block.begin",
      "%comm: constant.other.placeholder",
      "[: string.unquoted.format",
      "%pid: constant.other.placeholder",
      '] "x: string.unquoted.format',
      "{: string.unquoted.format",
      "%uid: constant.other.placeholder",
      "}: string.unquoted.format",
      "%time{%H:%M}: constant.other.placeholder",
      "}: punctuation.section.block.end",
      "type: variable.other.property",
      "=: keyword.operator",
      "LOG: support.type.action",
    ],
  );
});

test("all words of the language are coloured as what they are", () => {
  const scopeOf = (text: string, word: string): string | undefined =>
    tokensOf(text)
      .find((token) => token.startsWith(`${word}: `))
      ?.slice(word.length + 2);
  for (const word of ITEMS) assert.equal(scopeOf(`${word} X {`, word), "keyword.declaration", word);
  for (const word of [...RULE_ENTRIES, ...ACTION_ENTRIES, ...POLICY_ENTRIES])
    assert.equal(scopeOf(`${word} = 1`, word), "variable.other.property", word);
  for (const word of variableNames)
    assert.equal(scopeOf(`${word} == 1`, word), "variable.language", word);
});
