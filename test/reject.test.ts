/**
 * Broken rule files and what is said of them: test/reject/<area>/NNN-name.conf with a sibling `.expected`, one line
 * for each diagnostic (`line:column: severity code: message`, for another file with its name before it).
 * UPDATE_GOLDEN=1 rewrites the expectations; read what changed.
 */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, test } from "node:test";
import { formatDiagnosticLine } from "../src/base/print-diagnostic.ts";
import { type LoadInclude, parseRules } from "../src/language/index.ts";
import { vocabulary } from "../src/linux/index.ts";

const root = join(import.meta.dirname, "reject");

/** What is said of a file; names are relative to its area. */
function diagnose(path: string): { lines: string[]; errors: number } {
  const area = dirname(path);
  const name = basename(path);
  const loadInclude: LoadInclude = (wanted, from) => {
    const found = join(dirname(from.name), wanted);
    if (!existsSync(join(area, found))) return { error: "no such file" };
    return { name: found, text: readFileSync(join(area, found), "utf8") };
  };
  const text = readFileSync(path, "utf8");
  const { diagnostics, ruleSet } = parseRules([{ name, text }], vocabulary, { loadInclude });
  assert.equal(ruleSet, undefined, "a broken file yields no rules");
  const lines = diagnostics.map((d) => {
    const line = formatDiagnosticLine(d);
    return line.startsWith(`${name}:`) ? line.slice(name.length + 1) : line;
  });
  return { lines, errors: diagnostics.filter((d) => d.severity === "error").length };
}

describe("reject", () => {
  for (const path of globSync("*/*.conf", { cwd: root }).sort()) {
    test(path, () => {
      const { lines, errors } = diagnose(join(root, path));
      assert.ok(errors > 0, "no error is reported");
      const actual = `${lines.join("\n")}\n`;
      const golden = join(root, path.replace(/\.conf$/, ".expected"));
      if (process.env["UPDATE_GOLDEN"] && !process.env["CI"]) writeFileSync(golden, actual);
      assert.equal(actual, readFileSync(golden, "utf8"));
    });
  }
});
