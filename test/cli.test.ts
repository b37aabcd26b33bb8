/** Runs test/cli/*.txt. UPDATE_GOLDEN=1 writes what is printed now into them. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, test } from "node:test";
import {
  matches,
  parseTranscript,
  readTranscript,
  rewriteTranscript,
  TranscriptRunner,
  writeTranscript,
} from "./transcript.ts";

const runner = new TranscriptRunner();
after(() => runner.close());
const isUpdate = process.env["UPDATE_GOLDEN"] === "1" && !process.env["CI"];

for (const name of readdirSync(new URL("cli/", import.meta.url)).toSorted()) {
  if (!name.endsWith(".txt")) continue;
  test(`sct: ${name}`, async () => {
    const text = readTranscript(name);
    const transcript = parseTranscript(text);
    const actual = await runner.run(transcript);
    if (isUpdate) writeTranscript(name, rewriteTranscript(text, actual));
    else {
      for (const [i, { command, expected }] of transcript.steps.entries()) {
        const printed = actual[i] ?? "";
        if (!matches(printed, expected)) assert.equal(printed, expected, `$ ${command}`);
      }
    }
  });
}

test("each example is in examples.txt", () => {
  const text = readTranscript("examples.txt");
  for (const name of readdirSync(new URL("../examples/", import.meta.url)))
    for (const command of ["check", "test"])
      assert.ok(text.includes(`\n$ sct ${command} "$EXAMPLES"/${name}\n`), `${command} ${name}`);
});

test("matches() knows wildcards", () => {
  assert.ok(matches("a 12 b\nx\ny\nend", "a [...] b\n...\nend"));
  assert.ok(matches("a\nend", "a\n...\nend"));
  assert.ok(!matches("a\nb", "a"));
  assert.ok(!matches("a.c", "abc"));
  assert.ok(matches("", ""));
});
