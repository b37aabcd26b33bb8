import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  decodeCharacter,
  decodeDuration,
  decodeNetwork,
  decodeNumber,
  decodeString,
} from "./literals.ts";

describe("decodeNumber", () => {
  const rows: Readonly<Record<string, bigint | string>> = {
    "0": 0n,
    "42": 42n,
    "0x1F": 31n,
    "0b101": 5n,
    "0644": 420n,
    "0o17": 15n,
    "4K": 4096n,
    "2M": 2097152n,
    "1G": 1073741824n,
    "18446744073709551615": 18446744073709551615n,
    "18446744073709551616": "too_large",
    "0x10000000000000000": "too_large",
    "089": "malformed",
    "1k": "malformed",
    "0x": "malformed",
    "0x1K": "malformed",
    "1_000": "malformed",
    "12abc": "malformed",
    "17179869184G": "too_large",
  };
  for (const [text, value] of Object.entries(rows)) {
    test(`${text} → ${value}`, () => assert.equal(decodeNumber(text), value));
  }
  test("does not compute with a million digits", () => {
    assert.equal(decodeNumber("9".repeat(1_000_000)), "too_large");
  });
});

describe("decodeString", () => {
  test("knows its escapes", () => {
    assert.deepEqual(
      [...decodeString('a\\n\\t\\\\\\"\\x41\\xff').bytes],
      [97, 10, 9, 92, 34, 65, 255],
    );
  });
  test("keeps unknown escapes between text and others", () => {
    const { bytes, unknownEscapes } = decodeString("\\né\\.\\qu\\x41\\");
    assert.deepEqual(bytes, new TextEncoder().encode("\né\\.\\quA\\"));
    assert.deepEqual(
      unknownEscapes.map(({ at, text }) => [at, text]),
      [
        [3, "\\."],
        [5, "\\q"],
        [12, "\\\\"],
      ],
    );
  });
  test("keeps unknown escapes", () => {
    const { bytes, unknownEscapes } = decodeString("\\.so");
    assert.equal(new TextDecoder().decode(bytes), "\\.so");
    assert.deepEqual(unknownEscapes, [{ at: 0, text: "\\." }]);
  });
});

describe("decodeCharacter", () => {
  for (const [raw, value] of [
    ["a", 97n],
    ["\\n", 10n],
    ["\\'", 39n],
    ["\\0", 0n],
    ["\\x7f", 127n],
    ["ab", undefined],
    ["é", undefined],
    ["", undefined],
  ] as const) {
    test(`'${raw}'`, () => assert.equal(decodeCharacter(raw), value));
  }
});

describe("decodeDuration", () => {
  test("units", () => assert.equal(decodeDuration("30s"), 30_000_000_000n));
  test("bare unit", () => assert.equal(decodeDuration("min", true), 60_000_000_000n));
  for (const text of ["s", "0s", "30", "30x", "-1s", "9999999999999s", "999999999999d"]) {
    test(`refuses ${text}`, () => assert.equal(decodeDuration(text), undefined));
  }
});

describe("decodeNumber of times", () => {
  for (const [text, value] of [
    ["10ms", 10_000_000n],
    ["1ns", 1n],
    ["250us", 250_000n],
    ["2s", 2_000_000_000n],
    ["5min", 300_000_000_000n],
    ["1h", 3_600_000_000_000n],
    ["1d", 86_400_000_000_000n],
    // a size, and what would be taken for one
    ["10M", 10n << 20n],
    ["10m", "malformed"],
    ["0s", "malformed"],
    ["010ms", "malformed"],
    ["0x10ms", "malformed"],
    ["10days", "malformed"],
    ["999999999999d", "too_large"],
  ] as const) {
    test(text, () => assert.equal(decodeNumber(text), value));
  }
});

describe("decodeNetwork", () => {
  const rows: Readonly<Record<string, string | undefined>> = {
    "10.0.0.0/8": "10,0,0,0/8",
    "1.2.3.4": "1,2,3,4/32",
    "::1": "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1/128",
    "fe80::/10": "254,128,0,0,0,0,0,0,0,0,0,0,0,0,0,0/10",
    "::ffff:1.2.3.4/120": "0,0,0,0,0,0,0,0,0,0,255,255,1,2,3,4/120",
    "1:2:3:4:5:6:7:8": "0,1,0,2,0,3,0,4,0,5,0,6,0,7,0,8/128",
    "1.2.3.256": undefined,
    "10.0.0.0/33": undefined,
    "1::2::3": undefined,
    "1:2:3": undefined,
    "::/129": undefined,
  };
  for (const [text, expected] of Object.entries(rows)) {
    test(text, () => {
      const network = decodeNetwork(text);
      assert.equal(network && `${network.address.join(",")}/${network.prefixBits}`, expected);
    });
  }
});
