/** Manual pages: all are there, and what reads them has no complaint. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { manualPages } from "../scripts/manual/pages.ts";
import { classicNames, commands } from "../src/cli/commands.ts";

const pages = await manualPages();
const directory = mkdtempSync(join(tmpdir(), "sct-man-"));
for (const [name, text] of pages) writeFileSync(join(directory, name), text);
after(() => rmSync(directory, { recursive: true }));

test("each command has a page with all its options, each classic name a link to one", async () => {
  for (const [name, { load }] of commands) {
    const text = pages.get(`sct-${name}.1`) ?? "";
    for (const option of (await load()).options) {
      assert.ok(text.includes(`\\fB\\-\\-${option.name.replaceAll("-", "\\-")}\\fR`), option.name);
    }
  }
  for (const [classic, [name]] of classicNames) {
    assert.equal(pages.get(`${classic}.1`), `.so man1/sct-${name}.1\n`);
    assert.ok(pages.has(`sct-${name}.1`), name);
  }
});

/** What the program says about each page that is not a link to another; it may say nothing. */
function complaints([program = "", ...args]: readonly string[]): readonly string[] {
  return [...pages].flatMap(([name, text]) => {
    if (text.startsWith(".so ")) return [];
    const result = spawnSync(program, [...args, join(directory, name)], {
      encoding: "utf8",
      env: { ...process.env, MANWIDTH: "80", LC_ALL: "C.UTF-8" },
      maxBuffer: 1 << 24,
    });
    const said = args.includes("-Tlint") ? result.stdout : result.stderr;
    return said === "" && result.status === 0 ? [] : [`${name}: ${said}`];
  });
}

for (const command of [
  ["groff", "-ww", "-z", "-man", "-Tutf8"],
  ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"],
  ["mandoc", "-Tlint", "-Wwarning"],
]) {
  const [program = ""] = command;
  const isInstalled = spawnSync(program, ["--version"]).error === undefined;
  const skip = isInstalled ? false : `${program} is not installed`;
  test(`${program} has nothing to say about the manual pages`, { skip }, () => {
    assert.deepEqual(complaints(command), []);
  });
}
