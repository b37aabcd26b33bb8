import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Diagnostic } from "./diagnostic.ts";
import { escapeControls } from "./escape.ts";
import { positionOf } from "./position.ts";
import {
  diagnosticToJson,
  formatDiagnostic,
  formatDiagnosticLine,
  paintDiagnostic,
} from "./print-diagnostic.ts";
import { columnsOf } from "./wrap.ts";

function at(text: string, needle: string, extra: Partial<Diagnostic> = {}): Diagnostic {
  const start = text.indexOf(needle);
  const span = { file: { name: "a.conf", text }, start, end: start + needle.length };
  return { code: "some_code", severity: "error", message: "It is wrong", span, ...extra };
}

describe("formatDiagnostic()", () => {
  test("underlines the span", () => {
    const text = formatDiagnostic(
      at("one\ntwo three\n", "three", { hint: "try four", expected: "four" }),
    );
    assert.equal(
      text,
      "a.conf:2:5: error: It is wrong [some_code]\n 2 | two three\n   |     ^^^^^\n   = expected: four\n   = hint: try four",
    );
  });
  test("leaves lines to paste whole, however narrow the terminal is", () => {
    const paste = [`rule { ${"x ".repeat(60)}}`, "a\x1bb"];
    const diagnostic = at("three", "three", { hint: "paste", paste });
    const lines = formatDiagnostic(diagnostic, { width: 40 }).split("\n");
    assert.deepEqual(lines.slice(-2), [`     ${paste[0]}`, "     a\\x1bb"]);
    assert.deepEqual(diagnosticToJson(diagnostic)["paste"], paste);
  });
  test("counts a tab as one and shows it as a space", () => {
    assert.match(formatDiagnostic(at("\tx\ty", "y")), /1:4: .*\n 1 \| {2}x y\n {3}\| {4}\^/);
  });
  test("escapes what could drive a terminal", () => {
    const text = formatDiagnostic(at("a \x1b[2J b\u202e c", "c", { message: "No \x07 bell" }));
    assert.match(text, /\\x1b\[2J b\\u\{202e\} c/);
    assert.match(text, /No \\x07 bell/);
    const [, line = "", carets = ""] = text.split("\n");
    assert.equal(carets.indexOf("^"), line.lastIndexOf("c"));
  });
  test("cuts long lines around the span", () => {
    const text = formatDiagnostic(at(`${"x".repeat(5000)}HERE${"y".repeat(5000)}`, "HERE"));
    for (const line of text.split("\n")) assert.ok(line.length < 200);
    assert.match(text, /…x+HEREy+…/);
  });
  test("shows a span of many lines by its first", () => {
    assert.match(formatDiagnostic(at("ab\ncd\nef", "b\ncd\ne")), /1 \| ab\n {3}\| {2}\^$/);
  });
  test("shows the end of the file", () => {
    const file = { name: "a", text: "x\n" };
    const diagnostic = { ...at("x", "x"), span: { file, start: 2, end: 2 } };
    assert.match(formatDiagnostic(diagnostic), /^a:2:1: .*\n 2 \| \n {3}\| \^$/);
  });
  test("colours only when asked", () => {
    assert.ok(!formatDiagnostic(at("x", "x")).includes("\x1b"));
    assert.ok(formatDiagnostic(at("x", "x"), { color: true }).includes("\x1b[31m"));
  });
  test("follows the width of the terminal, so that carets stand under what they mean", () => {
    const text = `rule { ${"a".repeat(90)} HERE ${"b".repeat(90)} }`;
    const hint =
      "this is what would help, said in more words than a line of a terminal has room for";
    for (const width of [40, 60, 80]) {
      const lines = formatDiagnostic(at(text, "HERE", { hint }), { width }).split("\n");
      for (const line of lines) assert.ok(columnsOf(line) <= width, `${width}: ${line}`);
      const excerpt = lines.findIndex((line) => line.includes("HERE"));
      const [line = "", carets = ""] = lines.slice(excerpt);
      assert.equal(carets.indexOf("^^^^"), line.indexOf("HERE"));
      // words stay whole
      assert.equal(
        lines
          .slice(excerpt + 2)
          .join(" ")
          .replace(/\s+/g, " "),
        ` = hint: ${hint}`,
      );
    }
  });
  test("of a service is painted as our own", () => {
    const painted = paintDiagnostic(formatDiagnostic(at("one two", "two")));
    assert.ok(painted.includes(": \x1b[31merror\x1b[0m: "));
    assert.ok(painted.endsWith("\x1b[31m^^^\x1b[0m"));
  });
  test("shows related places", () => {
    const first = at("one two", "one").span;
    const text = formatDiagnostic(
      at("one two", "two", { related: [{ message: "First here", span: first }] }),
    );
    assert.match(text, /a\.conf:1:1: First here/);
  });
});

test("formatDiagnosticLine() is one line", () => {
  assert.equal(
    formatDiagnosticLine(at("a\nb", "b", { message: "x\ny" })),
    "a.conf:2:1: error some_code: x\\ny",
  );
});

test("diagnosticToJson() resolves positions", () => {
  assert.deepEqual(diagnosticToJson(at("é🙂x", "x")), {
    code: "some_code",
    severity: "error",
    message: "It is wrong",
    file: "a.conf",
    start: { line: 1, column: 3 },
    end: { line: 1, column: 4 },
  });
});

test("positionOf() is right in any order of questions", () => {
  const file = { name: "a", text: "ab\r\ncd\n\nef" };
  const asked = [9, 0, 5, 8, 4, 1].map((offset) => positionOf(file, offset));
  assert.deepEqual(
    asked.map(({ line, column }) => `${line}:${column}`),
    ["4:2", "1:1", "2:2", "4:1", "2:1", "1:2"],
  );
});

test("escapeControls() keeps letters of all scripts", () => {
  assert.equal(escapeControls("é漢🙂\n\ud800"), "é漢🙂\\n\\u{d800}");
});
