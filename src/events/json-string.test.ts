import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { escapeControls, toJson } from "../base/escape.ts";
import { decodeText, encodeText, writeJsonString } from "./json-string.ts";
import { TextBuffer } from "./text-buffer.ts";

function json(bytes: Uint8Array): string {
  const out = new TextBuffer(1);
  writeJsonString(out, bytes, 0, bytes.length);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(out.view());
}

const anyBytes = fc.oneof(
  fc.uint8Array(),
  // not fc.string(): it makes a table of all characters first
  fc
    .array(fc.nat(0x10_ffff))
    .map((points) => new Uint8Array(Buffer.from(String.fromCodePoint(...points)))),
  fc
    .array(fc.constantFrom(0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98, 0xe2, 0x41, 0xff))
    .map((list) => Uint8Array.from(list)),
);

test("writeJsonString() and decodeText() agree and lose no byte", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const text = decodeText(bytes, 0, bytes.length);
      assert.equal(JSON.parse(json(bytes)), text);
      assert.deepEqual([...encodeText(text)], [...bytes]);
    }),
    { numRuns: 2000 },
  );
});

/** None of them shows, or they change what others show. */
const INVISIBLE: Readonly<Record<string, string>> = {
  "zero width space": "\u200b",
  "byte order mark": "\ufeff",
  "soft hyphen": "\u00ad",
  "Arabic letter mark": "\u061c",
  "word joiner": "\u2060",
  "right-to-left override": "\u202e",
  "first strong isolate": "\u2068",
  "line separator": "\u2028",
  "no-break space": "\u00a0",
  "ideographic space": "\u3000",
  "Hangul filler": "\u3164",
  "Braille blank": "\u2800",
  "variation selector": "\ufe0f",
  "tag A": "\u{e0041}",
  "variation selector 17": "\u{e0100}",
  "musical begin beam": "\u{1d173}",
  "control sequence introducer": "\u009b",
  noncharacter: "\uffff",
};
for (const [name, text] of Object.entries(INVISIBLE))
  test(`no output has ${name} as it is`, () => {
    const both = `a${text}b`;
    const written = json(Buffer.from(both));
    assert.match(written, /^[ -~]+$/);
    assert.equal(JSON.parse(written), both);
    assert.match(toJson({ both }), /^[ -~]+$/);
    assert.deepEqual(JSON.parse(toJson({ both })), { both });
    assert.match(escapeControls(both), /^a\\(x|u\{)[0-9a-f]+\}?b$/);
  });

test("letters of any script are written as they are", () => {
  for (const text of ["é", "ß", "я", "ع", "日", "한", "😀", "𝒳"]) {
    assert.equal(json(Buffer.from(text)), `"${text}"`);
    assert.equal(escapeControls(text), text);
  }
});

test("writeJsonString() escapes what a terminal obeys", () => {
  assert.equal(json(Buffer.from('é"\\\n')), String.raw`"é\"\\\u000a"`);
  assert.equal(json(Buffer.from("\u009b\u202e\x7f")), String.raw`"\u009b\u202e\u007f"`);
  assert.equal(json(Uint8Array.of(0xff, 0x41)), String.raw`"\udcffA"`);
});
