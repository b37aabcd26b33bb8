/** docs/errors.md: all codes that the sources have, each with an example that causes it. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sections } from "../scripts/errors/catalogue.ts";
import type { Entry } from "../scripts/errors/entry.ts";
import { errorsPage } from "../scripts/errors/page.ts";
import type { Diagnostic } from "../src/base/diagnostic.ts";
import { refusedEverywhere } from "../src/cli/check/refusals.ts";
import { compileRules } from "../src/compiler/index.ts";
import { MACHINES } from "../src/compiler/testing/machines.ts";
import { tooLong } from "../src/engines/kernel/loading/too-large.ts";
import { type LoadInclude, parseRules } from "../src/language/index.ts";
import { messages } from "../src/language/messages.ts";
import { vocabulary } from "../src/linux/index.ts";
import { parseConfig } from "../src/sinks/index.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const entries: ReadonlyMap<string, Entry> = new Map(
  sections.flatMap((section) => Object.entries(section.entries)),
);

test("docs/errors.md is what npm run generate:errors writes", () => {
  assert.equal(readFileSync(`${ROOT}/docs/errors.md`, "utf8"), errorsPage());
});

/** Codes that are written where a diagnostic is made, besides those of the language. */
function codesInSource(): ReadonlySet<string> {
  const files = globSync("src/**/*.ts", { cwd: ROOT, exclude: ["**/*.test.ts", "**/testing/**"] });
  const found = files.flatMap((file) => {
    const text = readFileSync(`${ROOT}/${file}`, "utf8");
    return [
      ...text.matchAll(/\bcode: "(\w+)",\s*severity: /g),
      ...text.matchAll(/"(config_\w+)"/g),
    ].map(([, code = ""]) => code);
  });
  return new Set([...Object.keys(messages), ...found]);
}

test("every code is listed, and no other", () => {
  assert.deepEqual([...entries.keys()].toSorted(), [...codesInSource()].toSorted());
});

/** `nowhere.conf` is not there; `x.conf` is the file itself; `deeper.conf` includes another without an end. */
const loadInclude: LoadInclude = (wanted, from) => {
  if (wanted === "nowhere.conf") return { error: "no such file" };
  if (wanted === "x.conf") return { name: "x.conf", text: from.text };
  const name = `deeper-${from.name}`;
  return { name, text: 'include "deeper.conf"' };
};

const accounts = { user: () => undefined, group: () => undefined };

/** What is reported of a rule file. */
function parse(code: string, text: string) {
  const isKept = code === "gone_account" ? { isKept: true as const } : {};
  return parseRules([{ name: "x.conf", text, ...isKept }], vocabulary, {
    loadInclude,
    ...(code === "no_accounts" ? {} : { accounts }),
    ...(code === "refused_system_wide" ? { refusals: refusedEverywhere } : {}),
  });
}

function reported(code: string, { example, text = example }: Entry): readonly Diagnostic[] {
  if (code.startsWith("config_")) {
    return parseConfig(text, "x.toml").diagnostics;
  }
  const { ruleSet, diagnostics } = parse(code, text);
  if (Object.hasOwn(messages, code)) return diagnostics;
  assert.ok(ruleSet, diagnostics.map(({ message }) => message).join("\n"));
  if (code === "too_complex_for_kernel") return tooLong(ruleSet.rules, 120);
  const result = compileRules(ruleSet.rules, { machine: MACHINES.tracepoints, ringBytes: 1 << 20 });
  return result.ok ? [] : result.diagnostics;
}

for (const [code, entry] of entries) {
  test(`the example of ${code} causes it`, () => {
    const codes = reported(code, entry).map((diagnostic) => diagnostic.code);
    assert.ok(
      codes.includes(code),
      `reported instead: ${codes.slice(0, 5).join(", ") || "nothing"}`,
    );
  });
}
