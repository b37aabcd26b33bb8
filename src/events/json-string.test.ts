import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeText, encodeText, writeJsonString } from "./json-string.ts";
import { TextBuffer } from "./text-buffer.ts";

function json(bytes: Uint8Array): string {
  const out = new TextBuffer(1);
  writeJsonString(out, bytes, 0, bytes.length);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(out.view());
}

const anyBytes = fc.oneof(
  fc.uint8Array(),
  fc.string({ unit: "binary" }).map((text) => new Uint8Array(Buffer.from(text))),
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

test("writeJsonString() escapes what a terminal obeys", () => {
  assert.equal(json(Buffer.from('é"\\\n')), String.raw`"é\"\\\u000a"`);
  assert.equal(json(Buffer.from("\u009b\u202e\x7f")), String.raw`"\u009b\u202e\u007f"`);
  assert.equal(json(Uint8Array.of(0xff, 0x41)), String.raw`"\udcffA"`);
});
