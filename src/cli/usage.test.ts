import assert from "node:assert/strict";
import { test } from "node:test";
import { commandUsage } from "./command-usage.ts";
import { commands } from "./commands.ts";
import { programUsage } from "./usage.ts";

const WIDTH = 80;

/** But for lines that are to be typed, which are behind `Example:` or a `$`. */
function tooWide(text: string): readonly string[] {
  const [prose = ""] = text.split(/^Examples?:$/m);
  return prose.split("\n").filter((line) => line.length > WIDTH && !line.startsWith("    $ "));
}

test("usage lines name all options, and help fits a terminal", async () => {
  assert.deepEqual(tooWide(programUsage()), []);
  for (const [name, { load }] of commands) {
    const command = await load();
    for (const { name: option, short } of command.options) {
      const spelled = short === undefined ? `--${option}` : `-${short}`;
      assert.ok(command.usage.includes(spelled), `${name}: ${spelled}`);
    }
    assert.deepEqual(tooWide(commandUsage(name, command)), [], name);
  }
});
