/** Runs test/cli/*.txt. UPDATE_GOLDEN=1 writes what is printed now into them. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import {
  matches,
  parseTranscript,
  readTranscript,
  rewriteTranscript,
  runTranscript,
  writeTranscript,
} from "./transcript.ts";

const isUpdate = process.env["UPDATE_GOLDEN"] === "1" && !process.env["CI"];

for (const name of readdirSync(new URL("cli/", import.meta.url)).toSorted()) {
  if (!name.endsWith(".txt")) continue;
  test(`sct: ${name}`, () => {
    const text = readTranscript(name);
    const transcript = parseTranscript(text);
    const actual = runTranscript(transcript);
    if (isUpdate) writeTranscript(name, rewriteTranscript(text, actual));
    else {
      for (const [i, { command, expected }] of transcript.steps.entries()) {
        const printed = actual[i] ?? "";
        if (!matches(printed, expected)) assert.equal(printed, expected, `$ ${command}`);
      }
    }
  });
}

test("matches() knows wildcards", () => {
  assert.ok(matches("a 12 b\nx\ny\nend", "a [...] b\n...\nend"));
  assert.ok(matches("a\nend", "a\n...\nend"));
  assert.ok(!matches("a\nb", "a"));
  assert.ok(!matches("a.c", "abc"));
  assert.ok(matches("", ""));
});
