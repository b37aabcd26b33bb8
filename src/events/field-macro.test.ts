import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatAddress } from "./field-macro.ts";

test("formatAddress() writes IPv4 with points", () => {
  assert.equal(formatAddress(Uint8Array.of(10, 0, 255, 1)), "10.0.255.1");
});

test("formatAddress() writes IPv6 as others do", () => {
  const groups = fc.array(fc.constantFrom(0, 0, 0, 1, 0x10, 0xf0, 0xffff), {
    minLength: 8,
    maxLength: 8,
  });
  fc.assert(
    fc.property(groups, (list) => {
      const bytes = Uint8Array.from(list.flatMap((group) => [group >> 8, group & 0xff]));
      const url = new URL(`http://[${list.map((group) => group.toString(16)).join(":")}]/`);
      assert.equal(`[${formatAddress(bytes)}]`, url.hostname);
    }),
  );
});
