import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { releaseText, textParts } from "./program-text.ts";

function part(line: string, { dirty = 0, anonymous = 0 } = {}): string {
  return `${line}\nRss: 32196 kB\nPrivate_Dirty:  ${dirty} kB\nAnonymous:      ${anonymous} kB\nVmFlags: rd ex mr mw me`;
}

test("textParts() takes code that is as in its file, and nothing else", () => {
  const smaps = [
    part("00400000-0074d000 r--p 00000000 fe:00 5316804                            /usr/bin/node"),
    part("0074d000-03081000 r-xp 0034d000 fe:00 5316804                            /usr/bin/node"),
    part("06b87000-06bae000 rw-p 06786000 fe:00 5316804                            /usr/bin/node", {
      dirty: 148,
    }),
    part("7f0000000000-7f0000001000 r-xp 00000000 fe:00 7        /usr/lib/patched.so", {
      dirty: 4,
    }),
    part("7f0000002000-7f0000003000 r-xp 00000000 fe:00 7        /usr/lib/swapped.so", {
      anonymous: 4,
    }),
    part("7f0000004000-7f0000005000 rwxp 00000000 00:00 0"),
    part("7fff00000000-7fff00002000 r-xp 00000000 00:00 0                          [vdso]"),
  ].join("\n");
  assert.deepEqual(textParts(smaps), [{ start: 0x74d000, size: 0x2934000 }]);
});

test("releaseText() gives back code that is not in use", () => {
  const held = (): number =>
    Number(/^RssFile:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1]);
  const before = held();
  releaseText();
  const after = held();
  assert.ok(after < before, `${before} kB before, ${after} kB after`);
});
