import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "./errors.ts";
import { parseDurationMs, parseDurationUpToMs, parseSizeBytes } from "./quantity.ts";

test("parseDurationMs() knows units", () => {
  const table: [string, number][] = [
    ["10s", 10_000],
    ["500ms", 500],
    ["1.5", 1500],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
  ];
  for (const [text, expected] of table) assert.equal(parseDurationMs(text, "--for"), expected);
  for (const text of ["", "s", "-1s", "10 s", "10x"]) {
    assert.throws(() => parseDurationMs(text, "--for"), UsageError);
  }
});

test("parseDurationUpToMs() refuses none and more than the longest", () => {
  assert.equal(parseDurationUpToMs("24h", "--for", 86_400_000), 86_400_000);
  for (const text of ["0s", "25h", "100000d"]) {
    assert.throws(() => parseDurationUpToMs(text, "--for", 86_400_000), {
      message: `--for takes a time of more than 0s, 1d at most: '${text}'`,
    });
  }
});

test("parseSizeBytes() knows units", () => {
  assert.equal(parseSizeBytes("4096", "--buffer"), 4096);
  assert.equal(parseSizeBytes("64M", "--buffer"), 64 * 1024 * 1024);
  assert.equal(parseSizeBytes("1k", "--buffer"), 1024);
  for (const text of ["", "M", "1.5M", "1T", "-1"]) {
    assert.throws(() => parseSizeBytes(text, "--buffer"), UsageError);
  }
});
