import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { writeQuoted } from "./escape.ts";
import { TextBuffer } from "./text-buffer.ts";

function quoted(text: string | Uint8Array, isTruncated = false): string {
  const bytes = typeof text === "string" ? Buffer.from(text, "latin1") : text;
  const out = new TextBuffer(1);
  writeQuoted(out, bytes, 0, bytes.length, isTruncated);
  return Buffer.from(out.view()).toString("latin1");
}

test("writeQuoted() escapes as strace 6.1 does", () => {
  // right-hand sides are what strace printed for these file names
  const table: [string, string][] = [
    ['a\n\t\r\v\f\x07\b"\\z', String.raw`"a\n\t\r\v\f\7\10\"\\z"`],
    ["\x1b[31m", String.raw`"\33[31m"`],
    ["\x1b0", String.raw`"\0330"`],
    ["\x017", String.raw`"\0017"`],
    ["\x018", String.raw`"\18"`],
    ["\x019x", String.raw`"\19x"`],
    ["\xc3\xa9", String.raw`"\303\251"`],
    ["\xff7", String.raw`"\3777"`],
    ["\x7f", String.raw`"\177"`],
    ["'\x1b", String.raw`"'\33"`],
    ["\x1b\x1b8", String.raw`"\33\338"`],
    ["", '""'],
  ];
  for (const [text, expected] of table) assert.equal(quoted(text), expected);
});

test("writeQuoted() marks what was cut", () => {
  assert.equal(quoted("abc", true), '"abc"...');
});

test("writeQuoted() gives printable ASCII that reads back to the same bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = quoted(bytes);
      assert.match(text, /^"[ -~]*"$/);
      assert.deepEqual(unquote(text), [...bytes]);
    }),
  );
});

/** What a C compiler makes of the literal. */
function unquote(text: string): number[] {
  const letters: Record<string, number> = { n: 10, t: 9, r: 13, v: 11, f: 12, '"': 34, "\\": 92 };
  const tokens = text.slice(1, -1).match(/\\[0-7]{1,3}|\\.|[^\\]/g) ?? [];
  return tokens.map((token) => {
    if (token[0] !== "\\") {
      assert.notEqual(token, '"');
      return token.charCodeAt(0);
    }
    const letter = letters[token[1] ?? ""];
    return letter ?? Number.parseInt(token.slice(1), 8);
  });
}
