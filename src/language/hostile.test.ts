/** Rule text is written by strangers: nothing may crash, hang or grow without bound. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  diagnosticToJson,
  formatDiagnostic,
  formatDiagnosticLine,
} from "../base/print-diagnostic.ts";
import { parseRules, printRules } from "./index.ts";
import { testVocabulary } from "./testing/vocabulary.ts";

function survive(text: string): void {
  const file = { name: "hostile", text };
  const loadInclude = () => file;
  const { diagnostics, ast } = parseRules([file], testVocabulary, { loadInclude });
  printRules(ast);
  // as an argument of a command line it may be a short rule
  printRules(parseRules([{ ...file, isArgument: true }], testVocabulary).ast);
  for (const diagnostic of diagnostics) {
    const pretty = formatDiagnostic(diagnostic);
    const line = formatDiagnosticLine(diagnostic);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may reach a terminal
    assert.doesNotMatch(pretty.replaceAll("\n", ""), /[\u0000-\u001f\u007f-\u009f\u202e]/);
    assert.ok(!line.includes("\n"));
    diagnosticToJson(diagnostic);
  }
}

/** What takes longer hangs, also on a slow and busy machine: the inputs are made so that a quadratic step would. */
const HANG_MS = 60_000;

function inTime(text: string, limitMs = HANG_MS): void {
  const start = performance.now();
  survive(text);
  const took = performance.now() - start;
  assert.ok(took < limitMs, `${took} ms`);
}

const VALID = `
define SECRET { PATH[1] matches "/home/*/.ssh/**" || PATH[1] in CREDENTIALS }
list CREDENTIALS { "/etc/shadow", "/root/.netrc" }
rule {
  rule_name = secrets description = "who" priority = err tags = a, b
  syscall_name = open, @delete syscall_match = variants
  filter_expression { SECRET && !(EXE in ("/usr/sbin/sshd")) && (UID in 0..9 || PARAMS[1] =~ "^a+\\.so$") }
  action { type = LOG log_format {%comm[%pid] opened %path1 {x} %time{ISO}} }
  action { type = FAIL error_code = -EPERM }
  when = before limit = 10/s per uid continue = no on_unreadable = skip
}
test "t" { call unlink("/etc/passwd") as { UID = 0, COMM = "rm" } returns -2 expect FAIL EPERM by secrets }
include "x"
`;
const TOKENS = VALID.split(/(\s+|\b)/).filter((part) => part.trim() !== "");

describe("parseRules() survives", () => {
  test("random text", () => {
    // not fc.string(): it makes a table of all characters first
    const points = fc.array(fc.nat(0x10_ffff), { maxLength: 200 });
    const text = points.map((all) => String.fromCodePoint(...all));
    fc.assert(fc.property(text, survive));
  });
  test("random bytes", () => {
    const decoder = new TextDecoder();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (b) => survive(decoder.decode(b))));
  });
  test("random tokens", () => {
    const extra = [
      "{",
      "}",
      "(",
      ")",
      '"',
      "'",
      "..",
      "!~",
      "in",
      "not",
      "PARAMS",
      "[",
      "]",
      "/*",
      "if",
      "then",
      "# sct: allow raw_path\n",
      "1",
      "ARGV",
      "@file",
    ];
    const token = fc.constantFrom(...TOKENS, ...extra);
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (tokens) => survive(tokens.join(" "))),
      { numRuns: 500 },
    );
  });
  test("mutated valid files", () => {
    const edit = fc.record({
      at: fc.nat(VALID.length),
      remove: fc.nat(12),
      insert: fc.oneof(
        fc.constantFrom(...TOKENS, "{", "}", '"', "\0", "\u202e"),
        fc.string({ maxLength: 3 }),
      ),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = VALID;
        for (const { at, remove, insert } of edits)
          text = text.slice(0, at) + insert + text.slice(at + remove);
        survive(text);
      }),
      { numRuns: 500 },
    );
  });
});

const rule = (filter: string) =>
  `rule { syscall_name = unlink filter_expression { ${filter} } action { type = LOG } }`;

describe("parseRules() stays fast and shallow on", () => {
  const N = 100_000;
  const cases: Readonly<Record<string, string>> = {
    parentheses: rule("(".repeat(N)),
    "closed parentheses": rule(`${"(".repeat(N)}1${")".repeat(N)}`),
    negations: rule("!".repeat(N)),
    minuses: rule("- ".repeat(N)),
    "a sum": rule(`${"1+".repeat(N)}1`),
    "a disjunction": rule(`${"UID == 1 || ".repeat(20_000)}UID == 2`),
    indexes: rule("PARAMS[".repeat(N)),
    fields: rule(`PARAMS[1]${".a".repeat(N)}`),
    braces: "{".repeat(N),
    "closing braces": "}".repeat(N),
    rules: "rule {".repeat(20_000),
    actions: `rule { ${"action { ".repeat(20_000)}`,
    "a long string": rule(`PARAMS[1] == "${"a".repeat(2_000_000)}"`),
    "an open string": rule(`PARAMS[1] == "${"\\a".repeat(1_000_000)}`),
    comments: "/*".repeat(N),
    "a long name": `rule { rule_name = ${"a".repeat(1_000_000)} }`,
    "a long unknown word": `${"a".repeat(1_000_000)} { }`,
    digits: rule("9".repeat(1_000_000)),
    "errors on one line": "x = ; ".repeat(N),
    formats: `rule { syscall_name = unlink action { type = LOG log_format {${"%x ".repeat(N)}} } }`,
    "percent signs": `rule { syscall_name = unlink action { type = LOG log_format {${"% ".repeat(N)}} } }`,
    "open formats": `rule { ${"action { log_format { ".repeat(5_000)}`,
    globs: rule(`PARAMS[1] matches "${"*a".repeat(2000)}"`),
    "glob braces": rule(`PARAMS[1] matches "${"{a,".repeat(1500)}"`),
    regexes: rule(`PARAMS[1] =~ "${"(a*)*".repeat(500)}b"`),
    "repetitions in many regexes": rule(`${'COMM =~ "(abc){900}" || '.repeat(3000)}UID == 1`),
    "a large set": rule(`UID in (${Array.from({ length: N }, (_, i) => i * 2).join(",")})`),
    "white space": rule(`UID ${" ".repeat(2_000_000)} == 1`),
    colons: rule(":".repeat(N)),
    "hex and colons": rule("a:".repeat(N)),
    "open blocks of a format": `rule { action { log_format {${"{".repeat(N)}`,
    "spaces in a format": `rule { syscall_name = unlink action { type = LOG log_format {${`a${" ".repeat(300_000)}b`} } } }`,
  };
  for (const [name, text] of Object.entries(cases)) test(name, () => inTime(text));

  test("defines that double", () => {
    const defines = Array.from({ length: 64 }, (_, i) => `define D${i + 1} { D${i} || D${i} }`);
    inTime(`define D0 { UID == 1 } ${defines.join("\n")} ${rule("D64")}`);
  });
  test("lists that double", () => {
    const lists = Array.from({ length: 64 }, (_, i) => `list L${i + 1} { L${i}, L${i} }`);
    const text = `list L0 { 1, 9 } ${lists.join("\n")} ${rule("UID in L64")}`;
    inTime(text);
    // what is a member twice is one member
    const { ruleSet } = parseRules([{ name: "lists", text }], testVocabulary);
    const filter = ruleSet?.rules[0]?.targets[0]?.filter;
    assert.equal(filter?.kind === "inRanges" && filter.ranges.length, 2);
  });
  test("defines in a long chain", () => {
    const defines = Array.from({ length: 5000 }, (_, i) => `define D${i + 1} { D${i} }`);
    inTime(`define D0 { UID == 1 } ${defines.join("\n")} ${rule("D5000")}`);
  });
  test("lists in a long chain", () => {
    const lists = Array.from({ length: 5000 }, (_, i) => `list L${i + 1} { L${i} }`);
    inTime(`list L0 { 1 } ${lists.join("\n")} ${rule("UID in L5000")}`);
    inTime(`${lists.toReversed().join("\n")} list L0 { 1 } ${rule("UID in L5000")}`);
  });
  test("more than 4 MiB", () => {
    const { diagnostics } = parseRules(
      [{ name: "big", text: " ".repeat(5_000_000) }],
      testVocabulary,
    );
    assert.deepEqual(
      diagnostics.map((d) => d.code),
      ["file_too_large"],
    );
  });
  test("10,000 rules", () => {
    const rules = Array.from(
      { length: 10_000 },
      (_, i) => `rule { rule_name = r${i} syscall_name = unlink, open
      filter_expression { PATH[1] == "/etc/${i}" && UID == ${i} && PARAMS[1] startswith "/etc" }
      action { type = LOG log_format {%comm : %params by %uid} } }`,
    );
    const start = performance.now();
    const { ruleSet } = parseRules([{ name: "many", text: rules.join("\n") }], testVocabulary);
    assert.equal(ruleSet?.rules.length, 10_000);
    assert.ok(performance.now() - start < HANG_MS);
  });
});

describe("include", () => {
  const files: Readonly<Record<string, string>> = {
    a: 'include "b" include "c"',
    b: 'include "c" define X { 1 }',
    c: "define Y { 2 }",
    loop: 'include "loop2"',
    loop2: 'include "loop"',
    lost: 'include "nowhere"',
  };
  const load = (path: string) => {
    const text = files[path];
    return text === undefined ? { error: "no such file" } : { name: path, text };
  };
  const codes = (name: string) =>
    parseRules([{ name, text: files[name] ?? "" }], testVocabulary, {
      loadInclude: load,
    }).diagnostics.map((d) => d.code);
  test("takes each file once", () => assert.deepEqual(codes("a"), []));
  test("refuses cycles", () => assert.deepEqual(codes("loop"), ["include_cycle"]));
  test("reports what is missing", () => assert.deepEqual(codes("lost"), ["include_not_found"]));
  test("needs a loader", () => {
    const { diagnostics } = parseRules([{ name: "a", text: files["lost"] ?? "" }], testVocabulary);
    assert.deepEqual(
      diagnostics.map((d) => d.code),
      ["include_not_found"],
    );
  });
});

/** In the place of WORD stands what the language knows no word for. */
const PLACES = [
  "rule { syscall_name = WORD action { type = LOG } }",
  "rule { syscall_name = @WORD action { type = LOG } }",
  "rule { syscall_name = unlink filter_expression { WORD == 1 } action { type = LOG } }",
  'rule { syscall_name = unlink filter_expression { WORD("a") } action { type = LOG } }',
  "rule { syscall_name = connect filter_expression { PARAMS[2].WORD == 1 } action { type = LOG } }",
  "rule { syscall_name = unlink action { type = WORD } }",
  "rule { syscall_name = unlink action { type = LOG WORD = 1 } }",
  "rule { syscall_name = unlink action { type = LOG log_format {%{WORD} %WORDx} } }",
  "rule { syscall_name = unlink action { type = FAIL error_code = WORD } }",
  "rule { syscall_name = unlink WORD = 1 action { type = LOG } }",
  ...["priority", "when", "continue", "syscall_match", "on_unreadable"].map(
    (entry) => `rule { syscall_name = unlink ${entry} = WORD action { type = LOG } }`,
  ),
  "rule { syscall_name = unlink limit = 1/s per WORD action { type = LOG } }",
  'test "t" { call WORD("a") expect nothing }',
  'test "t" { call unlink("a") as { WORD = 1 } expect nothing }',
  'test "t" { call unlink("a") expect WORD }',
];

describe("what every object has is no word of the language", () => {
  for (const word of ["constructor", "__proto__", "toString", "valueOf"])
    test(word, () => {
      for (const place of PLACES) {
        const text = place.replaceAll("WORD", word);
        const { diagnostics } = parseRules([{ name: "t", text }], testVocabulary);
        assert.ok(diagnostics.length > 0, text);
      }
    });
});
